import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import { paced } from './paced.ts';

export interface Loop {
  start(): void;
  /** Look again as soon as possible. */
  nudge(): void;
  /** No look begins after this; resolves when the one under way has ended. */
  stop(): Promise<void>;
}

/**
 * Looks for work when stored state changes, when nudged, and when `look` said that something falls due; one look at a
 * time. `look` starts what it finds and resolves to the next due time (ms since 1970), or to undefined. It never has to
 * remember: a look that fails is logged, and the feed's next hint brings another; with `intervalMs`, at most one in so
 * long (see `paced`).
 */
export const makeLoop = (deps: {
  readonly clock: Clock;
  readonly changes: ChangeFeed;
  readonly events: Events;
  /** Names the loop in events. */
  readonly name: string;
  readonly look: () => Promise<number | undefined>;
  readonly intervalMs?: number;
}): Loop => {
  const { clock, events, name, intervalMs } = deps;
  let failures = 0;
  let running = false;
  let again = false;
  let current: Promise<void> = Promise.resolve();
  let cancelTimer = (): void => undefined;
  let unsubscribe = (): void => undefined;

  const nudge = (): void => {
    again = true;
    if (!running || looking) return;
    looking = true;
    current = lookUntilQuiet();
  };
  let looking = false;

  const lookUntilQuiet = async (): Promise<void> => {
    while (again && running) {
      again = false;
      cancelTimer();
      const dueAt = await look();
      if (dueAt !== undefined && running) cancelTimer = clock.after(Math.max(1, dueAt - clock.now()), nudge);
    }
    looking = false;
  };

  const lookOnce = async (): Promise<number | undefined> => {
    try {
      const dueAt = await deps.look();
      if (failures > 0) events.emit({ type: 'poll-recovered', loop: name, failures });
      failures = 0;
      return dueAt;
    } catch (error) {
      failures++;
      events.emit({ type: 'poll-failed', loop: name, failures, reason: reasonOf(error), error });
      return undefined;
    }
  };
  const look = intervalMs === undefined ? lookOnce : paced(clock, intervalMs, lookOnce);

  return {
    start() {
      running = true;
      unsubscribe = deps.changes.subscribe(nudge);
      nudge();
    },
    nudge,
    async stop() {
      running = false;
      unsubscribe();
      cancelTimer();
      await current;
    },
  };
};
