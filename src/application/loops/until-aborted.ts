import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';

/**
 * Settles as `work` does; but once `signal` has aborted, rejects with PortError `aborted` after `graceMs` at the latest, whatever
 * `work` does: what does not hear must not hold up a chat, a promise or a stop.
 */
export const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal, clock: Clock, graceMs: number): Promise<T> => {
  const deaf = Promise.withResolvers<never>();
  let cancel = (): void => undefined;
  const abort = (): void => {
    cancel = clock.after(graceMs, () =>
      deaf.reject(new PortError('aborted', 'it was told to end and did not', { retryable: true })),
    );
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, deaf.promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
};
