import type { GatewayNotice } from '../../../domain/index.ts';
import { type Clock, type Notice, reasonOf } from '../../../ports/index.ts';
import { backoffMs } from './backoff.ts';
import { portErrorOf } from './errors.ts';
import { pause } from './within-time.ts';

const BACKOFF = { firstMs: 500, capMs: 30_000 };

/** Runs until it succeeds or fails for good; rejects at a stop. Each failure that passes is noticed as `what`. */
export type Patiently = <T>(
  what: GatewayNotice,
  work: () => Promise<T>,
  isPassing: (error: unknown, failures: number) => boolean,
) => Promise<T>;

export const makePatiently =
  ({ clock, signal, notice }: { readonly clock: Clock; readonly signal: AbortSignal; readonly notice: Notice }): Patiently =>
  async (what, work, isPassing) => {
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error, failures)) throw error;
        notice(what, { failures, reason: reasonOf(error) });
        const { retryAfterMs = 0 } = portErrorOf(error);
        await pause(clock, Math.max(retryAfterMs, backoffMs(BACKOFF, failures)), signal);
        if (signal.aborted) throw error;
      }
    }
  };
