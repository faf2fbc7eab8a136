import { doublingMs } from '../../domain/shared/backoff.ts';
import type { Clock } from '../../ports/clock.ts';

/** The wait after `failures` failures in a row: one second, doubled each time, at most a minute. */
export const backoffMs = (failures: number): number => doublingMs(failures, 1_000, 60_000);

/** For each key, how long it waits because its last tries have failed. */
export interface Backoffs<Key> {
  /** Counts a failure, and returns how many there were in a row. */
  failed(key: Key): number;
  succeeded(key: Key): void;
  /** When its wait ends, in ms since 1970; undefined if it does not wait now. */
  until(key: Key): number | undefined;
  /** How many keys have failed at their last try. */
  readonly size: number;
}

export const makeBackoffs = <Key>(clock: Pick<Clock, 'now'>): Backoffs<Key> => {
  const backoffs = new Map<Key, { readonly failures: number; readonly until: number }>();
  return {
    get size() {
      return backoffs.size;
    },
    failed: (key) => {
      const failures = (backoffs.get(key)?.failures ?? 0) + 1;
      backoffs.set(key, { failures, until: clock.now() + backoffMs(failures) });
      return failures;
    },
    succeeded: (key) => {
      backoffs.delete(key);
    },
    until: (key) => {
      const end = backoffs.get(key)?.until;
      return end !== undefined && end > clock.now() ? end : undefined;
    },
  };
};
