import type { Clock } from '../../../ports/index.ts';

const FIRST_MS = 1_000;
const CAP_MS = 60_000;

/** Has `again` called for what has failed: after a second, then twice that, up to a minute; never before the time that was asked for. */
export const makeRetries = (clock: Clock, again: (name: string) => void) => {
  const retries = new Map<string, { readonly failures: number; readonly cancel: () => void }>();
  return {
    later: (name: string, atLeastMs: number): void => {
      const failures = (retries.get(name)?.failures ?? 0) + 1;
      retries.get(name)?.cancel();
      const waitMs = Math.max(atLeastMs, Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10)));
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
