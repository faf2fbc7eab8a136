import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import { type DeletedMessages, mayBeIn } from '../../domain/message/message.ts';

/** The running turns, so that people can stop them. */
export interface RunningTurns {
  begin(chatId: ChatId): RunningTurn;
  /** Asks the running turn of that chat, if there is one, to end. */
  stop(chatId: ChatId): void;
  /** Asks each turn about one of these edited or deleted messages to end. The next turn starts over. */
  restart(changed: DeletedMessages): void;
  /** Moves the running turn of a chat to the chat's new id. */
  move(from: ChatId, to: ChatId): void;
}

export interface RunningTurn {
  readonly stopped: AbortSignal;
  /** Names the messages that the turn answers, and those that they reply to. */
  isAbout(messageIds: readonly MessageId[]): void;
  end(): void;
}

/** A message of the turn was edited or deleted meanwhile. Nothing of the turn is stored, and it starts over. */
export class OutdatedTurnError extends Error {
  override readonly name = 'OutdatedTurnError';
}

export const makeRunningTurns = (): RunningTurns => {
  const running = new Map<ChatId, { readonly stopper: AbortController; about: readonly MessageId[] }>();
  return {
    begin: (chatId) => {
      const stopper = new AbortController();
      const turn = { stopper, about: [] as readonly MessageId[] };
      running.set(chatId, turn);
      return {
        stopped: stopper.signal,
        isAbout: (messageIds) => {
          turn.about = messageIds;
        },
        end: () => {
          for (const [id, each] of running) if (each === turn) running.delete(id);
        },
      };
    },
    stop: (chatId) => running.get(chatId)?.stopper.abort(),
    restart: (changed) => {
      for (const [id, { about, stopper }] of running) {
        const one = about.find((each) => changed.messageIds.includes(each));
        if (one !== undefined && mayBeIn(changed, id))
          stopper.abort(new OutdatedTurnError(`message ${one} was edited or deleted meanwhile`));
      }
    },
    move: (from, to) => {
      const turn = running.get(from);
      if (!turn) return;
      running.delete(from);
      running.set(to, turn);
    },
  };
};
