/** How many facts about strangers there may be. */
export interface RationLimits {
  /** One of each key in this time. */
  readonly eachMs: number;
  readonly perHour: number;
}

/** Which facts are told, where anybody could cause any number of them. */
export interface Ration {
  /** Whether one with that key is due. Changes nothing: a unit of work may ask again. */
  isDue(key: string, at: number): boolean;
  /** It was told. */
  told(key: string, at: number): void;
  /** It was not. */
  skipped(): void;
  /** How many were not told since the last one that was. */
  notTold(): number;
}

const HOUR_MS = 60 * 60 * 1000;
/** The most keys that are remembered, newest first. */
const MAX_KNOWN = 10_000;

export const makeRation = ({ eachMs, perHour }: RationLimits): Ration => {
  const toldAt = new Map<string, number>();
  let hour = { from: 0, told: 0 };
  let notTold = 0;
  // The clock may have been put back: what lies ahead is long ago.
  const isWithin = (from: number, ms: number, at: number): boolean => from <= at && at < from + ms;

  return {
    isDue: (key, at) => {
      const before = toldAt.get(key);
      if (before !== undefined && isWithin(before, eachMs, at)) return false;
      return !isWithin(hour.from, HOUR_MS, at) || hour.told < perHour;
    },
    told: (key, at) => {
      notTold = 0;
      if (!isWithin(hour.from, HOUR_MS, at)) hour = { from: at, told: 0 };
      hour.told++;
      toldAt.delete(key);
      toldAt.set(key, at);
      for (const [oldest] of toldAt) if (toldAt.size > MAX_KNOWN) toldAt.delete(oldest);
    },
    skipped: () => {
      notTold++;
    },
    notTold: () => notTold,
  };
};
