import { type Clock, PortError } from '../../../ports/index.ts';

/**
 * What `work` settles to, or a PortError `timeout` after `ms`. The work itself goes on; its late failure is ignored.
 */
export const withinTime = async <T>(clock: Clock, ms: number, what: string, work: Promise<T>): Promise<T> => {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(ms, () =>
    late.reject(new PortError('timeout', `Telegram: ${what} did not end within ${ms / 1000} s`, { retryable: true })),
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    cancel();
  }
};

/** A wait that ends early when `signal` aborts. */
export const pause = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end);
  });
