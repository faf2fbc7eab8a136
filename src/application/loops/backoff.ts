import type { Clock } from '../../ports/clock.ts';

/** The wait after something failed `failures` times in a row: from one second, doubling, to a minute. */
export const backoffMs = (failures: number): number => Math.min(60_000, 1_000 * 2 ** Math.max(0, failures - 1));

/** Resolves `ms` from now, or as soon as `signal` aborts. */
export const rest = (clock: Clock, ms: number, signal: AbortSignal): Promise<void> => {
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

/** Who must wait, each by itself, because what was done for it last has failed. */
export interface Rests<Key> {
  /** Counts a failure, and returns how many there were in a row. */
  failed(key: Key): number;
  succeeded(key: Key): void;
  /** When its rest ends, in ms since 1970; undefined when it does not rest now. */
  until(key: Key): number | undefined;
  /** How many have failed last. */
  readonly size: number;
}

export const makeRests = <Key>(clock: Clock): Rests<Key> => {
  const rests = new Map<Key, { readonly failures: number; readonly until: number }>();
  return {
    get size() {
      return rests.size;
    },
    failed: (key) => {
      const failures = (rests.get(key)?.failures ?? 0) + 1;
      rests.set(key, { failures, until: clock.now() + backoffMs(failures) });
      return failures;
    },
    succeeded: (key) => {
      rests.delete(key);
    },
    until: (key) => {
      const end = rests.get(key)?.until;
      return end !== undefined && end > clock.now() ? end : undefined;
    },
  };
};
