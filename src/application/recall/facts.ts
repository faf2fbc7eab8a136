import type { DecisionOf } from '../../domain/conversation/decision.ts';
import { isFound, wordQuery, wordsOf } from '../../domain/conversation/words.ts';
import { type Fact, type FactId, factPlace, saidByPerson } from '../../domain/recall/fact.ts';
import { MAX_FACTS, MAX_FACTS_PER_TURN } from '../../domain/recall/limits.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, refuse } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Redact } from '../../ports/redact.ts';
import type { FactStore } from '../../ports/storage/fact-store.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import type { ToolContext } from '../../ports/tool.ts';
import type { DraftFact, DraftForgetting, RecallFacts } from '../../ports/use-cases/recall.ts';
import { askedByOne } from '../promises/asked-by.ts';

/** What is seen there, with what the turn has decided so far. */
const seen = async (facts: Pick<FactStore, 'find'>, context: ToolContext): Promise<readonly Fact[]> => {
  const { requestedBy, chatId, chatKind, scope } = context;
  const place = factPlace(requestedBy.id, { id: chatId, kind: chatKind }, scope.workspace);
  const stored = await facts.find(place, MAX_FACTS);
  const decisions = context.draft?.decisions ?? [];
  const made = decisions.flatMap((decision) => (decision.type === 'remember-fact' ? decision.fact : []));
  const forgotten = decisions.flatMap((decision) => (decision.type === 'forget-fact' ? decision.factId : []));
  return [...made.toReversed(), ...stored].filter(({ id }) => !forgotten.includes(id));
};

/** Facts are remembered with the turn in which a person says them. */
export const makeDraftFact =
  ({
    facts,
    clock,
    redact,
  }: {
    readonly facts: Pick<FactStore, 'find' | 'reserveIds'>;
    readonly clock: Clock;
    readonly redact: Redact;
  }): DraftFact =>
  async ({ text, about, messageId: named }, context) => {
    const { draft, chatId, scope } = context;
    if (!draft) return refuse('fact/not-here', 'nothing can be remembered outside of an answer to a message');
    const origin = askedByOne(context, named, 'says it');
    if (!origin.ok) return refuse('fact/who', origin.error);
    const { requestedBy, messageId } = origin.value;
    const known = await seen(facts, { ...context, requestedBy });
    if (known.length >= MAX_FACTS) return refuse('fact/too-many', `${MAX_FACTS} facts are remembered here already: forget one first`);
    if (draft.decisions.filter(({ type }) => type === 'remember-fact').length >= MAX_FACTS_PER_TURN)
      return refuse('fact/too-many', `one answer remembers at most ${MAX_FACTS_PER_TURN} facts`);
    const [id] = await facts.reserveIds(1);
    if (id === undefined) throw new RangeError('the store gave no number for a fact');
    const fact: Fact = {
      id,
      text: redact(text),
      saidBy: saidByPerson(requestedBy),
      chatId,
      saidAt: clock.now(),
      ...present({ messageId, workspace: about === 'person' ? undefined : scope.workspace }),
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
