import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import { type DeletedMessages, mayBeIn } from '../../domain/message/message.ts';

/** The turns that run now, so that a person can stop theirs. */
export interface RunningTurns {
  begin(chatId: ChatId): RunningTurn;
  /** Asks the turn that runs in that chat, if there is one, to end. */
  stop(chatId: ChatId): void;
  /**
   * Asks each turn that is about one of these messages to end: they were edited or deleted, and it is begun anew.
   */
  restart(changed: DeletedMessages): void;
  /** The turn that runs in a chat goes on under the chat's new id. */
  move(from: ChatId, to: ChatId): void;
}

export interface RunningTurn {
  readonly stopped: AbortSignal;
  /** From here on it is about these: it answers them, or replies to them. */
  isAbout(messageIds: readonly MessageId[]): void;
  end(): void;
}

/**
 * A message that a turn is about was edited or deleted meanwhile: nothing of the turn is stored, and it is to begin
 * anew.
 */
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
