import type { Clock } from '../../ports/clock.ts';

/**
 * A loop's look that changes bring about at most every `intervalMs`, however many there are; what it said falls due is
 * looked at in time. For chores that nobody waits for: beside busy workers a look at every change would be most of the
 * reading.
 */
export const paced = (clock: Clock, intervalMs: number, look: () => Promise<number | undefined>): (() => Promise<number | undefined>) => {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let dueAt: number | undefined;
  return async () => {
    const now = clock.now();
    const quietUntil = lookedAt + intervalMs;
    const wakeAt = Math.min(quietUntil, dueAt ?? quietUntil);
    // A clock that was put back may take long to come round again.
    if (lookedAt <= now && now < wakeAt) return wakeAt;
    lookedAt = now;
    dueAt = undefined;
    dueAt = await look();
    return dueAt;
  };
};
