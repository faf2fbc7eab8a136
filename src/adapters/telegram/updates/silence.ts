import type { Clock } from '../../../ports/index.ts';

/** Finds streams that have been silent for long. Telegram may not push all updates of a large group. */
export interface Silence {
  /** An update of that stream came. */
  heard(stream: string): void;
  /** The streams that have been silent for too long. Each is named once, and again after twice as long a silence. */
  tooLong(streams: readonly string[]): readonly string[];
}

/** https://core.telegram.org/api/updates#recovering-gaps */
export const QUIET_MS = 15 * 60_000;
/** The longest silence: a group in which nothing is said is asked less and less often. */
const MAX_QUIET_MS = 4 * 60 * 60_000;

export const makeSilence = (clock: Clock): Silence => {
  const last = new Map<string, { readonly at: number; readonly patienceMs: number }>();
  return {
    heard: (stream) => void last.set(stream, { at: clock.now(), patienceMs: QUIET_MS }),
    tooLong: (streams) => {
      const now = clock.now();
      return streams.filter((stream) => {
        const known = last.get(stream);
        if (known && now - known.at < known.patienceMs) return false;
        // The silence of a new stream begins now.
        last.set(stream, { at: now, patienceMs: known ? Math.min(MAX_QUIET_MS, 2 * known.patienceMs) : QUIET_MS });
        return known !== undefined;
      });
    },
  };
};
