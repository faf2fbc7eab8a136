import type { Clock } from '../../../ports/index.ts';

/** Which streams have been silent for long. Telegram may not push all of a large group. */
export interface Silence {
  /** Something came from there. */
  heard(sequence: string): void;
  /** Those that have been silent for too long. Each is named once, and again after twice as long a silence. */
  tooLong(sequences: readonly string[]): readonly string[];
}

/** https://core.telegram.org/api/updates#recovering-gaps */
export const QUIET_MS = 15 * 60_000;
/** A group in which nothing is said is asked ever more seldom. */
const MOST_QUIET_MS = 4 * 60 * 60_000;

export const makeSilence = (clock: Clock): Silence => {
  const last = new Map<string, { readonly at: number; readonly patienceMs: number }>();
  return {
    heard: (sequence) => void last.set(sequence, { at: clock.now(), patienceMs: QUIET_MS }),
    tooLong: (sequences) => {
      const now = clock.now();
      return sequences.filter((sequence) => {
        const known = last.get(sequence);
        if (known && now - known.at < known.patienceMs) return false;
        // What is seen for the first time begins to be silent now.
        last.set(sequence, { at: now, patienceMs: known ? Math.min(MOST_QUIET_MS, 2 * known.patienceMs) : QUIET_MS });
        return known !== undefined;
      });
    },
  };
};
