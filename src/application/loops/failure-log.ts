import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { reasonOf } from '../../ports/port-error.ts';

/** One line in this long, however often it fails meanwhile. */
const WINDOW_MS = 10_000;

/** Logs the first failure of what is done again and again, then how many there were, each ten seconds at the most; and when it works again. */
export const makeFailureLog = (
  { clock, logger }: { readonly clock: Pick<Clock, 'now'>; readonly logger: Logger },
  words: { readonly fails: string; readonly worksAgain: string },
) => {
  let failures = 0;
  let told = false;
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    failed: (error: unknown): void => {
      failures++;
      const now = clock.now();
      // A clock that was put back may take long to come round again.
      if (toldAt <= now && now < toldAt + WINDOW_MS) return;
      told = true;
      toldAt = now;
      logger.error({ reason: reasonOf(error), failures, error }, words.fails);
    },
    succeeded: (): void => {
      if (told) logger.info({ failures }, words.worksAgain);
      failures = 0;
      told = false;
    },
  };
};
