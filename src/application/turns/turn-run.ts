import type { Agent } from '../../domain/agent/agent.ts';
import { askedMessage, type StoredRun } from '../../domain/agent/run.ts';
import { runId } from '../../domain/agent/run-step.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import { makeStoredJournal, type StoredJournal } from '../agents/stored-journal.ts';
import { hasMessages, type TurnMessages } from './commit-turn.ts';

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
  /** The turn was interrupted, and goes on when the chat is answered next. */
  leave(chatId: ChatId): void;
  /** The turn is over, and came to no answer. */
  drop(journal: StoredJournal): Promise<void>;
}

/**
 * The runs of turns. A turn without calls of tools is never stored: to ask again for its one reply is allowed. What
 * another process has left is looked up once for each chat, as only one process answers.
 */
export const makeTurnRuns = (deps: {
  readonly journal: Pick<Journal, 'append' | 'openTurn' | 'end'>;
  readonly randomness: Pick<Randomness, 'id'>;
  readonly clock: Clock;
  readonly events: Events;
}): TurnRuns => {
  const { journal, randomness, clock, events } = deps;
  const known = new Set<ChatId>();

  /** The messages that the run began with, as they still wait; undefined if one was answered, edited or deleted. */
  const sameMessages = ({ asked }: StoredRun, questions: TurnMessages): TurnMessages | undefined => {
    const waiting = new Map(questions.map((record): [string, InboxMessage] => [JSON.stringify(askedMessage(record.message)), record]));
    const records = asked.flatMap((message) => waiting.get(JSON.stringify(message)) ?? []);
    return records.length === asked.length && hasMessages(records) ? records : undefined;
  };

  return {
    open: async (chatId, questions, agent) => {
      const recorded = known.has(chatId) ? undefined : await journal.openTurn(chatId);
      known.add(chatId);
      const records = recorded?.agent === agent.name ? sameMessages(recorded, questions) : undefined;
      if (recorded && !records) {
        await journal.end(recorded.id, clock.now());
        events.emit({ type: 'turn-restarted', chatId, reason: 'its messages or its agent have changed since it was interrupted' });
      }
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
    leave: (chatId) => void known.delete(chatId),
    drop: async (run) => {
      if (run.stored() > 0) await journal.end(run.run.id, clock.now());
    },
  };
};
