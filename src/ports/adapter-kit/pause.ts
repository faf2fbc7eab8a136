import type { Clock } from '../clock.ts';

/** Waits for so long, or until `signal` aborts: whoever waits looks which it was. */
export const pause = async (clock: Pick<Clock, 'after'>, ms: number, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  const cancel = clock.after(ms, wake);
  signal.addEventListener('abort', wake, { once: true });
  if (signal.aborted) wake();
  await promise;
  cancel();
  signal.removeEventListener('abort', wake);
};
