import type { Clock } from '../../ports/clock.ts';

/** The log gets at most one line for each reason in this time, however often the same failure comes. */
const WINDOW_MS = 10_000;
/** Further reasons are only counted: so many different ones are usually one reason with changing numbers or times. */
const MAX_REASONS = 10;

/**
 * Decides which failures of a repeated action are written: each reason at once (up to ten), then once in ten seconds,
 * with the number of all failures since the action last worked; and that it works again. Failures suppressed by the
 * window are included in the next written count.
 */
export const makeFailureThrottle = (
  clock: Pick<Clock, 'now'>,
  write: { readonly failed: (failures: number) => void; readonly recovered: (failures: number) => void },
) => {
  let failures = 0;
  let isWritten = false;
  let openedAt = Number.NEGATIVE_INFINITY;
  const reasons = new Set<string>();

  /** A clock that was put back may take long to come round again. */
  const isOpen = (now: number): boolean => openedAt <= now && now < openedAt + WINDOW_MS;

  return {
    failed: (reason: string): void => {
      failures++;
      const now = clock.now();
      if (isOpen(now)) {
        if (reasons.has(reason) || reasons.size >= MAX_REASONS) return;
      } else {
        openedAt = now;
        reasons.clear();
      }
      reasons.add(reason);
      isWritten = true;
      write.failed(failures);
    },
    recovered: (): void => {
      if (failures === 0 || (!isWritten && isOpen(clock.now()))) return;
      write.recovered(failures);
      failures = 0;
      isWritten = false;
    },
  };
};
