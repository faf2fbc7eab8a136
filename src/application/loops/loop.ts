import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { makeFailureLog } from './failure-log.ts';
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
  readonly logger: Logger;
  readonly look: () => Promise<number | undefined>;
  readonly intervalMs?: number;
}): Loop => {
  const { clock, intervalMs } = deps;
  const log = makeFailureLog(deps, {
    fails: 'a look for work failed; it is repeated at the next change',
    worksAgain: 'looks for work succeed again',
  });
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
      log.succeeded();
      return dueAt;
    } catch (error) {
      log.failed(error);
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
