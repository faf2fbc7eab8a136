import type { Clock } from '../../ports/clock.ts';
import { isPortError, PortError } from '../../ports/port-error.ts';
import { backoffMs } from '../loops/backoff.ts';
import { sleep } from '../loops/timers.ts';

/**
 * Repeats `act` with a growing back-off until it succeeds; `onFailure` hears of each failure. Rejects with PortError
 * `aborted` once the bot stops.
 */
export type UntilDone = <T>(act: () => Promise<T>, onFailure: (error: unknown, failures: number) => void) => Promise<T>;

export const makeUntilDone =
  ({ clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }): UntilDone =>
  async (act, onFailure) => {
    for (let failures = 1; ; failures++) {
      if (signal.aborted) throw stopped();
      try {
        return await act();
      } catch (error) {
        if (signal.aborted) throw stopped();
        onFailure(error, failures);
        await sleep(clock, Math.max(backoffMs(failures), waitAsked(error)), signal);
      }
    }
  };

const stopped = (): PortError => new PortError('aborted', 'the bot was stopped before this was done', { retryable: true });

/** The wait that a port asks for. */
export const waitAsked = (error: unknown): number => (isPortError(error) ? (error.retryAfterMs ?? 0) : 0);
