import { durationWords } from '../domain/shared/duration.ts';
import type { Clock } from '../ports/index.ts';

/** A start may bring a large database up to date; what takes longer waits for something that does not come. */
export const START_LIMIT_MS = 10 * 60_000;

/** A process does not serve, and has not ended either. */
export class NotServingError extends Error {
  override readonly name = 'NotServingError';
}

interface StartLimit {
  readonly clock: Pick<Clock, 'after'>;
  /** What the start waits for now: `the database`. */
  readonly waitsFor: () => string;
  readonly limitMs?: number;
}

/** Waits for the start of a process. Rejects with NotServingError after the limit, with what the start waits for. */
export const startedInTime = async <T>(started: Promise<T>, { clock, waitsFor, limitMs = START_LIMIT_MS }: StartLimit): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () =>
    late.reject(new NotServingError(`it does not serve after ${durationWords(limitMs)}, and waits for ${waitsFor()}`)),
  );
  try {
    return await Promise.race([started, late.promise]);
  } finally {
    cancel();
  }
};
