import type { Clock } from '../../ports/clock.ts';
import { PortError } from '../../ports/port-error.ts';

const NEVER = new AbortController().signal;

/**
 * Settles as `call` does; rejects with PortError `timeout` after `ms`, and with `aborted` as soon as `stopping` aborts.
 * The signal of the call aborts then, and nobody waits for a call that takes no notice.
 */
export const callWithin = async (
  clock: Pick<Clock, 'after'>,
  ms: number,
  call: (signal: AbortSignal) => Promise<void>,
  stopping: AbortSignal = NEVER,
): Promise<void> => {
  if (stopping.aborted) throw stopped();
  const limit = new AbortController();
  const over = Promise.withResolvers<never>();
  const end = (error: PortError): void => {
    limit.abort(error);
    over.reject(error);
  };
  const stop = (): void => end(stopped());
  const cancel = clock.after(ms, () => end(new PortError('timeout', `no answer within ${ms / 1_000} s`, { retryable: true })));
  stopping.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([call(limit.signal), over.promise]);
  } finally {
    cancel();
    stopping.removeEventListener('abort', stop);
  }
};

const stopped = (): PortError => new PortError('aborted', 'this process stops', { retryable: true });
