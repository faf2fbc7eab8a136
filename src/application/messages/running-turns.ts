import type { ChatId } from '../../domain/message/ids.ts';

/** The turns that run now, so that a person can stop theirs. */
export interface RunningTurns {
  begin(chatId: ChatId): RunningTurn;
  /** Asks the turn that runs in that chat, if there is one, to end. */
  stop(chatId: ChatId): void;
}

export interface RunningTurn {
  readonly stopped: AbortSignal;
  end(): void;
}

export const makeRunningTurns = (): RunningTurns => {
  const running = new Map<ChatId, AbortController>();
  return {
    begin: (chatId) => {
      const stopper = new AbortController();
      running.set(chatId, stopper);
      return {
        stopped: stopper.signal,
        end: () => {
          if (running.get(chatId) === stopper) running.delete(chatId);
        },
      };
    },
    stop: (chatId) => running.get(chatId)?.abort(),
  };
};
