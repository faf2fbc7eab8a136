import type { Clock } from '../../../ports/index.ts';
import { backoffMs } from '../client/backoff.ts';

const BACKOFF = { firstMs: 1_000, capMs: 60_000 };

/**
 * Calls `again` for what has failed: after the wait that was asked for, or else after a second, then twice that, up to
 * a minute.
 */
export const makeRetries = (clock: Clock, again: (name: string) => void) => {
  const retries = new Map<string, { readonly failures: number; readonly cancel: () => void }>();
  return {
    /** `askedMs`: the wait that was asked for; 0 if none was. */
    later: (name: string, askedMs: number): void => {
      const before = retries.get(name);
      before?.cancel();
      const failures = (before?.failures ?? 0) + (askedMs > 0 ? 0 : 1);
      const waitMs = askedMs > 0 ? askedMs : backoffMs(BACKOFF, failures);
      retries.set(name, { failures, cancel: clock.after(waitMs, () => again(name)) });
    },
    /** It has succeeded. */
    end: (name: string): void => {
      retries.get(name)?.cancel();
      retries.delete(name);
    },
    stop: (): void => {
      for (const { cancel } of retries.values()) cancel();
    },
  };
};

export type Retries = ReturnType<typeof makeRetries>;
