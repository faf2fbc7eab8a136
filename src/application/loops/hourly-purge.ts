import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { type Loop, makeLoop } from './loop.ts';

/** Few enough that nobody waits long behind one. */
export const PURGE_BATCH = 500;
const INTERVAL_MS = 60 * 60 * 1000;
const BETWEEN_BATCHES_MS = 1_000;

/** Purges every hour, a batch at a time. Any number of these may run side by side. */
export const makeHourlyPurge = ({
  name,
  onPurged,
  purge,
  changes,
  clock,
  events,
}: {
  /** Names the loop. */
  readonly name: string;
  /** Tells that so many went. */
  readonly onPurged: (count: number) => void;
  /** Purges at most `limit` of what may go at that time, and resolves to how many went. */
  readonly purge: (now: number, limit: number) => Promise<number>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop => {
  const poll = async (): Promise<number | undefined> => {
    const purged = await purge(clock.now(), PURGE_BATCH);
    if (purged > 0) onPurged(purged);
    return purged === PURGE_BATCH ? clock.now() + BETWEEN_BATCHES_MS : undefined;
  };
  return makeLoop({ name, clock, changes, events, intervalMs: INTERVAL_MS, poll });
};
