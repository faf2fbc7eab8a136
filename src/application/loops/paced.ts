import type { Clock } from '../../ports/clock.ts';

/**
 * A loop's look that changes bring about at most every `intervalMs`, however many there are; what it said falls due is looked at in time.
 * For chores that nobody waits for: beside busy workers a look at every change would be most of the reading.
 */
export const paced = (clock: Clock, intervalMs: number, look: () => Promise<number | undefined>): (() => Promise<number | undefined>) => {
  let quietUntil = 0;
  let dueAt: number | undefined;
  return async () => {
    const wakeAt = Math.min(quietUntil, dueAt ?? quietUntil);
    if (clock.now() < wakeAt) return wakeAt;
    quietUntil = clock.now() + intervalMs;
    dueAt = undefined;
    dueAt = await look();
    return dueAt;
  };
};
