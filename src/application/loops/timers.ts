import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';

type Timers = Pick<Clock, 'after'>;

/** Resolves after `ms`, or as soon as `signal` aborts. */
export const sleep = (clock: Timers, ms: number, signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  const wake = (): void => {
    cancel();
    resolve();
  };
  signal.addEventListener('abort', wake, { once: true });
  return promise.finally(() => signal.removeEventListener('abort', wake));
};

/** Settles as `work` does; after `ms` settles with `otherwise()`. The work itself goes on. */
export const within = async <T>(clock: Timers, ms: number, work: Promise<T>, otherwise: () => T | Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<void>();
  const cancel = clock.after(ms, late.resolve);
  try {
    return await Promise.race([work, late.promise.then(otherwise)]);
  } finally {
    cancel();
  }
};

/** Settles as `work` does; after `ms` rejects with a retryable PortError `timeout`. The work itself goes on. */
export const withTimeout = <T>(clock: Timers, ms: number, work: Promise<T>, message: string): Promise<T> =>
  within(clock, ms, work, () => Promise.reject(new PortError('timeout', message, { retryable: true })));

/** The reason of an abort whose cause is that the time is over. */
export const timeIsOver = (): DOMException => new DOMException('the time for it is over', 'TimeoutError');

export const isTimeout = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';

/** How long a model, a tool or an executor may take to end after it is aborted. Then the caller goes on without it. */
export const ABORT_GRACE_MS = 5_000;

/**
 * Settles as `work` does. Once `signal` has aborted, rejects after `ABORT_GRACE_MS` with PortError `aborted` and calls
 * `onUnresponsive`: work that ignores the abort signal must not block a chat, a promise or a stop.
 */
export const untilAborted = async <T>(work: Promise<T>, signal: AbortSignal, clock: Timers, onUnresponsive: () => void): Promise<T> => {
  const unresponsive = Promise.withResolvers<never>();
  let cancel = (): void => undefined;
  const abort = (): void => {
    cancel = clock.after(ABORT_GRACE_MS, () => {
      onUnresponsive();
      unresponsive.reject(new PortError('aborted', 'it was aborted and did not end', { retryable: true }));
    });
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, unresponsive.promise]);
  } finally {
    cancel();
    signal.removeEventListener('abort', abort);
  }
};
