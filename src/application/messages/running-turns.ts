import type { ChatId, MessageId } from '../../domain/message/ids.ts';

/** The turns that run now, so that a person can stop theirs. */
export interface RunningTurns {
  begin(chatId: ChatId): RunningTurn;
  /** Asks the turn that runs in that chat, if there is one, to end. */
  stop(chatId: ChatId): void;
  /**
   * Asks the turn that answers this message, if one does, to end: what it is about has changed, and it is begun anew.
   */
  restart(chatId: ChatId, messageId: MessageId): void;
  /** The turn that runs in a chat goes on under the chat's new id. */
  move(from: ChatId, to: ChatId): void;
}

export interface RunningTurn {
  readonly stopped: AbortSignal;
  /** From here on it answers these. */
  answers(messageIds: readonly MessageId[]): void;
  end(): void;
}

/**
 * A message that a turn answers was edited or deleted meanwhile: nothing of the turn is stored, and it is to begin
 * anew.
 */
export class OutdatedTurnError extends Error {
  override readonly name = 'OutdatedTurnError';
}

export const makeRunningTurns = (): RunningTurns => {
  const running = new Map<ChatId, { readonly stopper: AbortController; answered: readonly MessageId[] }>();
  return {
    begin: (chatId) => {
      const stopper = new AbortController();
      const turn = { stopper, answered: [] as readonly MessageId[] };
      running.set(chatId, turn);
      return {
        stopped: stopper.signal,
        answers: (messageIds) => {
          turn.answered = messageIds;
        },
        end: () => {
          for (const [id, each] of running) if (each === turn) running.delete(id);
        },
      };
    },
    stop: (chatId) => running.get(chatId)?.stopper.abort(),
    restart: (chatId, messageId) => {
      const turn = running.get(chatId);
      if (turn?.answered.includes(messageId))
        turn.stopper.abort(new OutdatedTurnError(`message ${messageId} was edited or deleted meanwhile`));
    },
    move: (from, to) => {
      const turn = running.get(from);
      if (!turn) return;
      running.delete(from);
      running.set(to, turn);
    },
  };
};
