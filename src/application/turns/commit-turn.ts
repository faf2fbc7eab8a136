import { askedFact } from '../../domain/audit/facts.ts';
import type { MessageId } from '../../domain/chat/ids.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { type Decision, decidedIn, type TurnDraft } from '../../domain/conversation/decision.ts';
import { NO_USAGE, type Turn, type TurnId, turnId, type Usage } from '../../domain/conversation/turn.ts';
import { commandOf } from '../../domain/message/command.ts';
import type { InboxMessage, Verdict } from '../../domain/message/inbox-message.ts';
import { latenessNote } from '../../domain/message/lateness.ts';
import { type IncomingMessage, saidAt } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Correlation, noCorrelation } from '../../ports/correlation.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { RunRecord } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { asEntry } from '../agents/as-entry.ts';
import type { AgentRun } from '../agents/run-agent.ts';
import { quoteFor } from '../budgets/quote.ts';
import { storeSpent } from '../budgets/store-spent.ts';
import type { CommandReply } from '../chat-commands/command-reply.ts';
import { OutdatedTurnError } from '../inbox/running-turns.ts';
import { askedEvents } from '../promises/approval-events.ts';
import { resurfaceOutcomes } from '../promises/resurface-outcomes.ts';
import { storeRest, uncounted } from '../promises/store-runs.ts';
import { recallEvents } from '../recall/recall-events.ts';
import { originFields } from '../telemetry/work-scopes.ts';
import { applyDecisions } from './apply-decisions.ts';

/** The result of a turn, before it is stored. */
export interface TurnResult {
  readonly outcome: Exclude<Turn['outcome'], 'attempt'>;
  /** Who answers: an agent's name, or `commands`. */
  readonly agent: string;
  /** The reply, or a function that makes it in the turn's unit of work. */
  readonly text: CommandReply;
  /** The steps that the conversation keeps behind the answered messages. Absent: it keeps neither. */
  readonly steps?: readonly ConversationStep[];
  readonly run?: AgentRun;
  /** What this process has paid for the turn. Default: the usage of `run`. */
  readonly usage?: Usage;
  readonly reason?: string;
  readonly draft?: TurnDraft;
  /** What this process has paid for, where it was opened for the turn. */
  readonly spending?: Spending;
  /** The steps that led to it. */
  readonly journal?: RunRecord;
  /** Default: a new one. */
  readonly id?: TurnId;
}

/** The messages of one turn, in the order in which they came; never empty. */
export type TurnMessages = readonly [InboxMessage, ...InboxMessage[]];
export const hasMessages = (records: readonly InboxMessage[]): records is TurnMessages => records.length > 0;
export const lastOf = (records: TurnMessages): InboxMessage => records.at(-1) ?? records[0];

/** How late a reply to these messages is, in words; empty if it is in time. */
export const latenessOf = (records: TurnMessages, at: number): string =>
  latenessNote(at - Math.min(...records.map(({ message }) => saidAt(message))));

const numbersOf = (records: readonly InboxMessage[]): readonly MessageId[] => records.map(({ message }) => message.messageId);

export type CommitTurn = (records: TurnMessages, ending: TurnResult, startedAt: number) => Promise<void>;

/**
 * Stores everything that a turn decided in one transaction: verdicts, conversation, decisions, reply. If it rejects,
 * all of it may be stored, or nothing; with OutdatedTurnError, nothing is.
 */
export const makeCommitTurn =
  (deps: {
    readonly unitOfWork: UnitOfWork;
    readonly policy: AccessPolicy;
    readonly clock: Clock;
    readonly randomness: Randomness;
    readonly correlation?: Correlation;
    readonly events: Events;
  }): CommitTurn =>
  async (records, ending, startedAt) => {
    const id = ending.id ?? turnId(deps.randomness.id());
    const at = deps.clock.now();
    const {
      chat: { id: chatId },
      messageId: replyTo,
    } = lastOf(records).message;
    const byChat = Map.groupBy(records, ({ message }) => message.chat.id);
    const answers = numbersOf(byChat.get(chatId) ?? []);
    const failed = ending.outcome === 'failed';
    const verdict: Verdict = failed ? { kind: 'failed', turnId: id, reason: ending.reason ?? 'unknown' } : { kind: 'answered', turnId: id };
    const { correlation = noCorrelation } = deps;
    const decisions = withOrigin(ending.draft?.decisions ?? [], originFields(correlation.current()));
    const { steps, run, journal } = ending;
    const paid = ending.usage ?? run?.usage ?? NO_USAGE;
    const turnWith = (usage: Usage): Turn => ({
      id,
      chatId,
      agent: ending.agent,
      startedAt,
      endedAt: at,
      outcome: ending.outcome,
      ...(run ? { model: run.model } : {}),
      ...(run?.gate ? { gate: run.gate } : {}),
      usage,
      toolCalls: run?.toolCalls ?? 0,
    });
    let settle = NOTHING_TO_SETTLE;
    const { turn, resurfaced, done } = await deps.unitOfWork.run(async (stores) => {
      for (const { message } of records) await requireUnchanged(stores, message);
      for (const [each, settled] of byChat) await stores.messages.settle(each, numbersOf(settled), verdict);
      // A turn that made no step before its answer needs no run: the turn itself tells of it.
      const counted = journal?.isBegun() ? await endRun(stores, journal, paid, { at, id }) : { usage: paid };
      const turn = turnWith(counted.usage);
      await stores.turns.add(turn);
      settle = await storeSpent(stores.ledger, { ...counted, spending: ending.spending, turn });
      if (steps)
        await stores.conversations.append([
          ...records.flatMap(({ message }) =>
            commandOf(message.text) ? [] : [{ ...asEntry(message, { policy: deps.policy }), turnId: id }],
          ),
          ...steps.map((step) => ({ chatId, at, turnId: id, step })),
        ]);
      const reply = typeof ending.text === 'string' ? ending.text : await ending.text(stores, at);
      const { text, events } = typeof reply === 'string' ? { text: reply, events: [] } : reply;
      const quote = await quoteFor(stores.ledger, decidedIn({ decisions }).promises, ending.spending?.promiseLimit());
      await stores.outbox.add({
        chatId,
        replyTo,
        answers,
        text: `${latenessOf(records, startedAt)}${text}${quote === '' ? '' : `\n\n${quote}`}`,
        dedupeKey: `turn:${id}`,
        deliveryKey: records[0].replyKey,
        createdAt: at,
        ...present({ provenance: run && steps?.at(-1)?.provenance }),
      });
      await stores.audit.add([...askedFacts(turn, records, ending.draft), ...settle.facts]);
      await applyDecisions(stores, decisions, { at, randomness: deps.randomness, policy: deps.policy });
      return { turn, resurfaced: await resurfaceOutcomes(stores, turn, deps.randomness), done: events };
    });
    settle.settled();
    const { promises, schedules } = decidedIn({ decisions });
    if (resurfaced.length > 0) deps.events.emit({ type: 'outcomes-resurfaced', chatId, turnId: id, promises: resurfaced });
    deps.events.emit({
      type: 'turn-committed',
      chatId,
      turnId: id,
      agent: ending.agent,
      outcome: ending.outcome,
      ...present({ reason: failed ? ending.reason : undefined, model: turn.model, gate: turn.gate }),
      usage: turn.usage,
      toolCalls: turn.toolCalls,
      messages: records.length,
      promises: promises.map((made) => made.id),
      schedules: schedules.map((made) => made.id),
      durationMs: at - startedAt,
    });
    for (const { id: promiseId, taskType } of promises) deps.events.emit({ type: 'promise-made', promiseId, chatId, taskType, by: 'turn' });
    for (const event of [...askedEvents(decisions), ...recallEvents(decisions, chatId), ...done]) deps.events.emit(event);
  };

/** The promises that the turn makes say which turn that was. */
const withOrigin = (decisions: readonly Decision[], origin: Readonly<Record<string, string>>): readonly Decision[] =>
  decisions.map((decision) =>
    decision.type === 'make-promise'
      ? { ...decision, promise: { ...decision.promise, metadata: { ...decision.promise.metadata, ...origin } } }
      : decision,
  );

/** What the agent says to itself is nobody's question. */
const askedFacts = (turn: Turn, records: TurnMessages, draft: TurnDraft | undefined) => {
  const messages = records.flatMap(({ message }) => (message.sender.kind === 'self' ? [] : [message]));
  return messages.length === 0 ? [] : [askedFact(turn, { messages, promises: decidedIn(draft).promises.map(({ id }) => id) })];
};

/** Ends the run of a turn with the turn. Resolves to what is to be recorded of its usage. */
const endRun = async (
  stores: Stores,
  run: RunRecord,
  paid: Usage,
  { at, id }: { readonly at: number; readonly id: TurnId },
): ReturnType<typeof uncounted> => {
  const { journal } = stores;
  await storeRest(stores, run);
  const counted = await uncounted(journal, run, paid);
  await journal.end(run.run.id, at, id);
  return counted;
};

const NOTHING_TO_SETTLE: Awaited<ReturnType<typeof storeSpent>> = { settled: () => undefined, facts: [] };

const requireUnchanged = async ({ messages }: Pick<Stores, 'messages'>, message: IncomingMessage): Promise<void> => {
  const {
    chat: { id: chatId },
    messageId,
    text,
    replied,
  } = message;
  const tellsOf = replied?.text === undefined && replied?.quote === undefined ? undefined : replied.messageId;
  if (tellsOf !== undefined && (await messages.get(chatId, tellsOf))?.deletedAt !== undefined)
    throw new OutdatedTurnError(`message ${tellsOf}, to which ${messageId} replies, was deleted meanwhile`);
  const stored = await messages.get(chatId, messageId);
  if (stored && (stored.deletedAt !== undefined || stored.message.text !== text))
    throw new OutdatedTurnError(`message ${messageId} was ${stored.deletedAt === undefined ? 'edited' : 'deleted'} meanwhile`);
};
