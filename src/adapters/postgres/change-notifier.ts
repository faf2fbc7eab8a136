import { setTimeout as delay } from 'node:timers/promises';

/** However much is committed, other processes are told no more often than this; still less often while it goes on. */
const PAUSE_MS = 3;
const MAX_PAUSE_MS = 24;

export interface ChangeNotifier {
  /** Other processes are to be told of a change. Nobody waits for that. */
  notify(): void;
  /** Resolves when they have been told of every change before. */
  close(): Promise<void>;
}

/** Calls `send` for each change, and once for all that come during a pause. */
export const makeChangeNotifier = (send: () => Promise<void>): ChangeNotifier => {
  let isDue = false;
  let closed = false;
  let sending: Promise<void> | undefined;

  const sendAll = async (): Promise<void> => {
    for (let pauseMs = PAUSE_MS; isDue; pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS)) {
      isDue = false;
      await send();
      if (!closed) await delay(pauseMs);
    }
    sending = undefined;
  };

  return {
    notify: () => {
      isDue = true;
      sending ??= sendAll();
    },
    close: async () => {
      closed = true;
      await sending;
    },
  };
};
