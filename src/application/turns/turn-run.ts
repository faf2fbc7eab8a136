import type { Agent } from '../../domain/agent/agent.ts';
import { askedMessage, type StoredRun } from '../../domain/agent/run.ts';
import { runId } from '../../domain/agent/run-step.ts';
import type { LedgerEntry } from '../../domain/budget/ledger.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { attemptOf, isPaid, type Turn, type Usage } from '../../domain/conversation/turn.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeStoredJournal, type StoredJournal } from '../agents/stored-journal.ts';
import { storeSpent } from '../budgets/store-spent.ts';
import { endRuns, isOutdatedRun, paidBeside, storeRest, uncounted } from '../promises/store-runs.ts';
import { hasMessages, type TurnMessages } from './commit-turn.ts';
import { putNewest } from './newest-chats.ts';

/** A turn that begins, or that goes on where another process was interrupted. */
export interface OpenedTurn {
  readonly journal: StoredJournal;
  /** The messages that it answers: of one that goes on, exactly those that it began with. */
  readonly records: TurnMessages;
  readonly goesOn: boolean;
}

export interface TurnRuns {
  /** Opens the turn of a chat over these messages, which wait. Further ones wait for the next turn. */
  open(chatId: ChatId, questions: TurnMessages, agent: Agent): Promise<OpenedTurn>;
  /** Ends the turn of a chat that another process has left, if there is one: its messages were stopped. */
  stop(chatId: ChatId): Promise<void>;
  /**
   * The turn came to no answer: it is over, or it `goesOn` when the chat is answered next. Records what it has used,
   * except for steps that a turn which goes on will record. A failure here does not keep a chat from its next turn.
   */
  leave(journal: StoredJournal, left: LeftTurn): Promise<void>;
}

/** A turn without an answer. */
export interface LeftTurn extends Pick<Turn, 'id' | 'chatId' | 'agent' | 'startedAt'> {
  /** What this process has paid for it. */
  readonly usage: Usage;
  readonly spending?: Spending | undefined;
  readonly goesOn: boolean;
}

/**
 * The runs of turns. A turn without calls of tools is never stored: to ask again for its one reply is allowed. What
 * another process has left is looked up once for each chat, as only one process answers, and once more where that was
 * long ago.
 */
export const makeTurnRuns = (deps: {
  readonly journal: Pick<Journal, 'append' | 'openTurn'>;
  readonly unitOfWork: UnitOfWork;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly clock: Clock;
  readonly events: Events;
}): TurnRuns => {
  const { journal, unitOfWork, randomness, clock, events } = deps;
  /** The newest chats of which another process has left nothing. */
  const known = new Map<ChatId, true>();

  /** The messages that the run began with, as they still wait; undefined if one was answered, edited or deleted. */
  const sameMessages = ({ asked }: StoredRun, questions: TurnMessages): TurnMessages | undefined => {
    const waiting = new Map(questions.map((record): [string, InboxMessage] => [JSON.stringify(askedMessage(record.message)), record]));
    const records = asked.flatMap((message) => waiting.get(JSON.stringify(message)) ?? []);
    return records.length === asked.length && hasMessages(records) ? records : undefined;
  };

  const left = async (chatId: ChatId): Promise<StoredRun | undefined> => (known.has(chatId) ? undefined : journal.openTurn(chatId));
  const end = (run: StoredRun): Promise<void> => unitOfWork.run((stores) => endRuns(stores, [run], clock.now(), { randomness }));

  return {
    stop: async (chatId) => {
      const run = await left(chatId);
      if (run) await end(run);
      putNewest(known, chatId, true);
    },
    open: async (chatId, questions, agent) => {
      const recorded = await left(chatId);
      const records = recorded?.agent === agent.name ? sameMessages(recorded, questions) : undefined;
      if (recorded && !records) {
        await end(recorded);
        events.emit({ type: 'turn-restarted', chatId, reason: 'its messages or its agent have changed since it was interrupted' });
      }
      putNewest(known, chatId, true);
      const run = (records && recorded) || {
        id: runId(randomness.id()),
        chatId,
        agent: agent.name,
        startedAt: clock.now(),
        asked: questions.map(({ message }) => askedMessage(message)),
      };
      const taken = records && recorded;
      return {
        journal: makeStoredJournal({ ...deps, writer: randomness.id() }, run, present({ recorded: taken })),
        records: records ?? questions,
        goesOn: taken !== undefined,
      };
    },
    leave: async (run, { goesOn, usage: paid, spending, ...turn }) => {
      let settle = (): void => undefined;
      if (goesOn) known.delete(run.run.chatId);
      const record = (isOurs: boolean): Promise<void> =>
        unitOfWork.run(async (stores) => {
          const counted = run.isBegun() ? await leaveRun(stores, run, { paid, goesOn, isOurs, at: clock.now() }) : { usage: paid };
          const told = attemptOf({ ...turn, endedAt: clock.now(), usage: counted.usage });
          if (isPaid(counted.usage)) await stores.turns.add(told);
          const { settled, facts } = await storeSpent(stores.ledger, { ...counted, spending, turn: told });
          if (facts.length > 0) await stores.audit.add(facts);
          settle = settled;
        });
      try {
        await record(true).catch((error: unknown) => (isOutdatedRun(error) && run.isBegun() ? record(false) : Promise.reject(error)));
        settle();
      } catch (error) {
        known.delete(run.run.chatId);
        if (isPaid(paid)) events.emit({ type: 'usage-not-stored', chatId: turn.chatId, usage: paid, reason: reasonOf(error) });
      }
    },
  };
};

/** Stores what is left of a run, and resolves to what is to be recorded of its usage now. */
const leaveRun = async (
  stores: Pick<Stores, 'journal' | 'audit' | 'approvals'>,
  run: StoredJournal,
  { paid, goesOn, isOurs, at }: { readonly paid: Usage; readonly goesOn: boolean; readonly isOurs: boolean; readonly at: number },
): Promise<{ readonly usage: Usage; readonly recorded?: readonly LedgerEntry[] }> => {
  // Another process goes on with it, or it has ended with its turn: there its stored steps count.
  if (!isOurs) return { usage: paidBeside(run, paid, run.rest().from) };
  await storeRest(stores, run);
  if (goesOn) return { usage: paidBeside(run, paid) };
  const { journal } = stores;
  const counted = await uncounted(journal, run, paid);
  await journal.end(run.run.id, at);
  return counted;
};
