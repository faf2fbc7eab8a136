import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { asStorageFailure, isPortError, reasonOf } from '../../ports/port-error.ts';
import { backoffMs } from './backoff.ts';
import { sleep } from './timers.ts';

/**
 * Asks Kept's own storage again while it is away: a run that needs to read is not to fail for that. Rejects once
 * `signal` aborts, or when asking again is no use; never in the storage's own words, which may name its address.
 */
export const retryWhileUnavailable = async <T>(
  read: () => Promise<T>,
  { clock, events }: { readonly clock: Clock; readonly events: Events },
  signal: AbortSignal,
): Promise<T> => {
  for (let failures = 1; ; failures++) {
    try {
      return await read();
    } catch (error) {
      events.emit({ type: 'storage-retried', failures, reason: reasonOf(error), error });
      if (!isPortError(error) || !error.retryable) throw asStorageFailure(error);
      await sleep(clock, backoffMs(failures), signal);
      if (signal.aborted) throw asStorageFailure(error);
    }
  }
};
