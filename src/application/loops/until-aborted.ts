import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';

/** How long a model, a tool or an executor may take to end once it is told to. Past that, things go on without it. */
export const UNWIND_MS = 5_000;

/**
 * Settles as `work` does; but once `signal` has aborted, rejects with PortError `aborted` after `UNWIND_MS` at the
 * latest (and calls `onDeaf`), whatever `work` does: what does not hear must not hold up a chat, a promise or a stop.
 */
export const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal, clock: Clock, onDeaf: () => void): Promise<T> => {
  const deaf = Promise.withResolvers<never>();
  let cancel = (): void => undefined;
  const abort = (): void => {
    cancel = clock.after(UNWIND_MS, () => {
      onDeaf();
      deaf.reject(new PortError('aborted', 'it was told to end and did not', { retryable: true }));
    });
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
