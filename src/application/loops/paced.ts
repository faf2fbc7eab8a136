import type { Clock } from '../../ports/clock.ts';

/**
 * A poll that runs at most once in `intervalMs`, however many changes there are, and at the due time that it named
 * last. For background work that nobody waits for: next to busy workers, a poll at every change would be most of the
 * reads.
 */
export const paced = (clock: Clock, intervalMs: number, poll: () => Promise<number | undefined>): (() => Promise<number | undefined>) => {
  let polledAt = Number.NEGATIVE_INFINITY;
  let dueAt: number | undefined;
  return async () => {
    const now = clock.now();
    const quietUntil = polledAt + intervalMs;
    const wakeAt = Math.min(quietUntil, dueAt ?? quietUntil);
    // The clock may have been put back: then `wakeAt` can be far away.
    if (polledAt <= now && now < wakeAt) return wakeAt;
    polledAt = now;
    dueAt = undefined;
    dueAt = await poll();
    return dueAt;
  };
};
