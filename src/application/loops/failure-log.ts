import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { reasonOf } from '../../ports/port-error.ts';

/** One line for each reason in this long, however often it fails for it meanwhile. */
const WINDOW_MS = 10_000;
/** More reasons than these are one that names numbers or times: they are counted only. */
const MOST_REASONS = 10;

/**
 * Logs failures of what is done again and again: each reason at once (up to ten), then once in ten seconds at the most,
 * with the number of all failures since it worked; and when it works again. What was not told when it worked again is
 * counted in the next line, of either kind.
 */
export const makeFailureLog = (
  { clock, logger }: { readonly clock: Pick<Clock, 'now'>; readonly logger: Logger },
  words: { readonly fails: string; readonly worksAgain: string },
) => {
  let failures = 0;
  let told = false;
  let openedAt = Number.NEGATIVE_INFINITY;
  const reasons = new Set<string>();

  /** A clock that was put back may take long to come round again. */
  const isOpen = (now: number): boolean => openedAt <= now && now < openedAt + WINDOW_MS;

  return {
    failed: (error: unknown): void => {
      failures++;
      const now = clock.now();
      const reason = reasonOf(error);
      if (isOpen(now)) {
        if (reasons.has(reason) || reasons.size >= MOST_REASONS) return;
      } else {
        openedAt = now;
        reasons.clear();
      }
      reasons.add(reason);
      told = true;
      logger.error({ reason, failures, error }, words.fails);
    },
    succeeded: (): void => {
      if (failures === 0 || (!told && isOpen(clock.now()))) return;
      logger.info({ failures }, words.worksAgain);
      failures = 0;
      told = false;
    },
  };
};
