import type { Clock } from '../../ports/clock.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import { backoffMs } from '../loops/backoff.ts';

/** How long the receiver is left alone after it failed. It is stored, so that a restart waits as well. */
export interface Pause {
  /** Reads what is stored, once. MUST have resolved before the others are asked. */
  load(): Promise<void>;
  /** When the pause ends, in ms since 1970; undefined: there is none at `now`. */
  until(now: number): number | undefined;
  /** How often in a row the receiver failed. */
  failures(): number;
  /** Counts a failure. `askedMs`: for how long the receiver asked to be left alone. */
  failed(askedMs: number | undefined): Promise<void>;
  end(): Promise<void>;
}

const KEY = 'pause';
/** No pause that was begun is longer: a later end was stored by a clock that has been put back since. */
const LONGEST_MS = 2 * 60 * 60_000;

export const makePause = (state: KeyValueState, clock: Pick<Clock, 'now'>): Pause => {
  let known: { readonly failures: number; readonly until: number } | undefined;
  let isLoaded = false;

  const store = (): Promise<void> => state.set(new Map([[KEY, known && `${known.failures} ${known.until}`]]));

  const until = (now: number): number | undefined => {
    const waitMs = (known?.until ?? 0) - now;
    return known && waitMs > 0 && waitMs <= LONGEST_MS ? known.until : undefined;
  };

  return {
    load: async () => {
      if (isLoaded) return;
      const [failures, until] = (await state.get(KEY))?.split(' ').map(Number) ?? [];
      if (failures !== undefined && until !== undefined && failures > 0) known = { failures, until };
      isLoaded = true;
    },
    until,
    failures: () => known?.failures ?? 0,
    failed: (askedMs = 0) => {
      // Those that were under way together have failed once.
      const now = clock.now();
      const before = until(now);
      const failures = (known?.failures ?? 0) + (before === undefined ? 1 : 0);
      known = { failures, until: Math.max(before ?? 0, now + Math.max(backoffMs(failures), askedMs)) };
      return store();
    },
    end: async () => {
      if (!known) return;
      known = undefined;
      await store();
    },
  };
};
