import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { paced } from './paced.ts';
import { makePollReport } from './poll-report.ts';

export interface Loop {
  start(): void;
  /** Polls again as soon as possible. */
  wake(): void;
  /** Resolves when the current poll has ended. No poll begins after this call. */
  stop(): Promise<void>;
}

/**
 * Polls when stored state changes, when it is woken, and at the time that the last poll named; one poll at a time.
 * `poll` starts the work that it finds and resolves to the next due time (ms since 1970), or to `undefined`. It needs
 * no memory: after a poll that fails, the next change brings another. With `intervalMs`, changes bring at most one poll
 * in that time (see `paced`).
 */
export const makeLoop = (deps: {
  readonly clock: Clock;
  readonly changes: ChangeFeed;
  readonly events: Events;
  /** Names the loop in events. */
  readonly name: string;
  readonly poll: () => Promise<number | undefined>;
  readonly intervalMs?: number;
}): Loop => {
  const { clock, events, name, intervalMs } = deps;
  const report = makePollReport(events, name);
  let isRunning = false;
  let isPolling = false;
  let isWoken = false;
  let current: Promise<void> = Promise.resolve();
  let cancelTimer = (): void => undefined;
  let unsubscribe = (): void => undefined;

  const wake = (): void => {
    isWoken = true;
    if (!isRunning || isPolling) return;
    isPolling = true;
    current = pollUntilQuiet();
  };

  const pollUntilQuiet = async (): Promise<void> => {
    while (isWoken && isRunning) {
      isWoken = false;
      cancelTimer();
      const dueAt = await poll();
      if (dueAt !== undefined && isRunning) cancelTimer = clock.after(Math.max(1, dueAt - clock.now()), wake);
    }
    isPolling = false;
  };

  const pollOnce = async (): Promise<number | undefined> => {
    try {
      const dueAt = await deps.poll();
      report.worked();
      return dueAt;
    } catch (error) {
      report.failed(error);
      return undefined;
    }
  };
  const poll = intervalMs === undefined ? pollOnce : paced(clock, intervalMs, pollOnce);

  return {
    start() {
      isRunning = true;
      unsubscribe = deps.changes.subscribe(wake);
      wake();
    },
    wake,
    async stop() {
      isRunning = false;
      unsubscribe();
      cancelTimer();
      await current;
    },
  };
};
