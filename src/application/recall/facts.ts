import { type DecisionOf, decisionsOf, type TurnDraft } from '../../domain/conversation/decision.ts';
import { isFound, wordQuery, wordsOf } from '../../domain/conversation/words.ts';
import { type Fact, type FactId, type FactOwner, factPlace, isOwnedBy, ownerOf, saidByPerson } from '../../domain/recall/fact.ts';
import { MAX_FACTS, MAX_FACTS_PER_TURN, MAX_FACTS_SEEN } from '../../domain/recall/limits.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, refuse } from '../../domain/shared/result.ts';
import { writtenBy } from '../../domain/trust/shown.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Redact } from '../../ports/redact.ts';
import type { FactStore } from '../../ports/storage/fact-store.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { ToolContext } from '../../ports/tool.ts';
import type { DraftFact, DraftForgetting, RecallFacts } from '../../ports/use-cases/recall.ts';
import { askedByOne } from '../promises/asked-by.ts';

const storedThere = (facts: Pick<FactStore, 'find'>, { requestedBy, chatId, chatKind, scope }: ToolContext): Promise<readonly Fact[]> =>
  facts.find(factPlace(requestedBy.id, { id: chatId, kind: chatKind }, scope.workspace), MAX_FACTS_SEEN);

/** What a turn has decided so far. */
const decidedBy = ({ draft = { decisions: [] } }: { readonly draft?: Pick<TurnDraft, 'decisions'> }) => ({
  made: decisionsOf(draft, 'remember-fact').map(({ fact }) => fact),
  forgotten: new Set(decisionsOf(draft, 'forget-fact').map(({ factId }) => factId)),
});

/** What is seen there, with what the turn has decided so far. */
const seen = async (facts: Pick<FactStore, 'find'>, context: ToolContext): Promise<readonly Fact[]> => {
  const { made, forgotten } = decidedBy(context);
  return [...made.toReversed(), ...(await storedThere(facts, context))].filter(({ id }) => !forgotten.has(id));
};

/** How many facts an owner has once the turn is stored. Only what is seen there can have been forgotten by it. */
const countWith = async (facts: Pick<FactStore, 'find' | 'count'>, owner: FactOwner, context: ToolContext): Promise<number> => {
  const { made, forgotten } = decidedBy(context);
  const count = await facts.count(owner);
  if (made.length === 0 && forgotten.size === 0) return count;
  const all = [...made, ...(await storedThere(facts, context))].filter((fact) => isOwnedBy(fact, owner));
  return count + made.filter((fact) => isOwnedBy(fact, owner)).length - all.filter(({ id }) => forgotten.has(id)).length;
};

const tooMany = (owner: FactOwner): string =>
  'workspace' in owner
    ? `${MAX_FACTS} facts are remembered for the workspace ${owner.workspace}, which is the most: forget one of them first`
    : `${MAX_FACTS} facts are remembered about this person, which is the most: forget one of them first (in a direct chat, all of them are seen)`;

/** Facts are remembered with the turn in which a person says them. */
export const makeDraftFact =
  ({
    facts,
    clock,
    redact,
  }: {
    readonly facts: Pick<FactStore, 'find' | 'count' | 'reserveIds'>;
    readonly clock: Clock;
    readonly redact: Redact;
  }): DraftFact =>
  async ({ text, about, messageId: named }, context) => {
    const { draft, chatId, scope } = context;
    if (!draft) return refuse('fact/not-here', 'nothing can be remembered outside of an answer to a message');
    const origin = askedByOne(context, named, 'says it');
    if (!origin.ok) return refuse('fact/who', origin.error);
    const { requestedBy, messageId } = origin.value;
    const saidBy = saidByPerson(requestedBy);
    const whose = present({ workspace: about === 'person' ? undefined : scope.workspace });
    const owner = ownerOf({ saidBy, ...whose });
    if ((await countWith(facts, owner, { ...context, requestedBy })) >= MAX_FACTS) return refuse('fact/too-many', tooMany(owner));
    if (draft.decisions.filter(({ type }) => type === 'remember-fact').length >= MAX_FACTS_PER_TURN)
      return refuse('fact/too-many', `one answer remembers at most ${MAX_FACTS_PER_TURN} facts`);
    const [id] = await facts.reserveIds(1);
    if (id === undefined) throw new RangeError('the store gave no number for a fact');
    const fact: Fact = {
      id,
      text: redact(text),
      saidBy,
      chatId,
      saidAt: clock.now(),
      ...whose,
      ...present({ messageId, provenance: writtenBy(context.shown) }),
    };
    draft.decide({ type: 'remember-fact', fact });
    return ok(fact);
  };

/** Finds what is remembered and seen from there: all of it, or what has all of these words. */
export const makeRecallFacts =
  ({ facts }: { readonly facts: Pick<FactStore, 'find'> }): RecallFacts =>
  async (text, context) => {
    const query = wordQuery(text);
    const all = await seen(facts, context);
    return { found: query.length === 0 ? all : all.filter((fact) => isFound(wordsOf(fact.text), query)), total: all.length };
  };

/** Facts are forgotten with the turn that says so: those that are seen from there. */
export const makeDraftForgetting =
  ({ facts }: { readonly facts: Pick<FactStore, 'find'> }): DraftForgetting =>
  async (id, context) => {
    if (!context.draft) return refuse('fact/not-here', 'nothing can be forgotten outside of an answer to a message');
    const fact = (await seen(facts, context)).find((each) => each.id === id);
    if (!fact) return refuse('fact/not-found', `there is no fact #${id} here`);
    context.draft.decide({ type: 'forget-fact', factId: id });
    return ok(fact);
  };

/** Stores the facts that a turn remembers, inside its unit of work. */
export const applyRememberFact = ({ facts }: Stores, decisions: readonly DecisionOf<'remember-fact'>[]): Promise<void> =>
  facts.add(decisions.map(({ fact }) => fact));

/** Removes the facts that a turn forgets, inside its unit of work. */
export const applyForgetFact = async ({ facts }: Stores, decisions: readonly DecisionOf<'forget-fact'>[]): Promise<void> => {
  await facts.forget(decisions.map(({ factId }): FactId => factId));
};
