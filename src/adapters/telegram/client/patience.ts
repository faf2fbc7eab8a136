import type { GatewayNotice } from '../../../domain/index.ts';
import { type Clock, type Notice, reasonOf } from '../../../ports/index.ts';
import { portErrorOf } from './errors.ts';
import { pause } from './within-time.ts';

const RETRY_FIRST_MS = 500;
const RETRY_CAP_MS = 30_000;

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
        const waitMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10));
        await pause(clock, Math.max(retryAfterMs, waitMs), signal);
        if (signal.aborted) throw error;
      }
    }
  };
