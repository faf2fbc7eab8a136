/** So many different wrong tokens of one address are a mistake of people and programs. */
const FREE = 10;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** An address that has guessed nothing for this long has a clean record. */
const FORGOTTEN_AFTER_MS = 60 * 60_000;
/** An address that had the right token is known for a day. */
const KNOWN_FOR_MS = 24 * 60 * 60_000;
/** The most addresses that are remembered of each kind, newest first. */
const MAX_ADDRESSES = 10_000;

export interface Guess {
  /** How many different wrong tokens came from this address. */
  readonly guesses: number;
  /** How long it has to wait from now on; 0 while they are few. */
  readonly waitMs: number;
}

/**
 * Slows down who guesses tokens: each wrong one beyond the first few doubles the wait of its address. Other addresses
 * are not concerned, and neither is the right token from an address where it was used before.
 */
export const makeThrottle = (now: () => number = Date.now) => {
  const guessers = new Map<string, { readonly guesses: number; readonly last: string; readonly at: number; readonly until: number }>();
  const known = new Map<string, number>();
  const remember = <Value>(map: Map<string, Value>, address: string, value: Value): void => {
    map.delete(address);
    map.set(address, value);
    for (const [oldest] of map)
      if (map.size > MAX_ADDRESSES) map.delete(oldest);
      else break;
  };
  // The clock may have been put back: what lies ahead is long ago.
  const isWithin = (from: number, ms: number): boolean => from <= now() && now() < from + ms;
  const recordOf = (address: string) => {
    const record = guessers.get(address);
    return record && isWithin(record.at, FORGOTTEN_AFTER_MS) ? record : undefined;
  };

  return {
    /** How long this address has to wait before it may show another token; 0: not at all. */
    waitMs: (address: string): number => Math.max(0, (recordOf(address)?.until ?? 0) - now()),
    isKnown: (address: string): boolean => isWithin(known.get(address) ?? Number.NaN, KNOWN_FOR_MS),
    /** A wrong token. `digest` names it: a program that repeats an old one does not guess. Undefined for a repeat. */
    wrong: (address: string, digest: string): Guess | undefined => {
      const record = recordOf(address);
      if (record?.last === digest) return undefined;
      const guesses = (record?.guesses ?? 0) + 1;
      const waitMs = guesses <= FREE ? 0 : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(20, guesses - FREE - 1));
      remember(guessers, address, { guesses, last: digest, at: now(), until: now() + waitMs });
      return { guesses, waitMs };
    },
    right: (address: string): void => remember(known, address, now()),
    /** How many addresses are remembered. */
    size: (): number => guessers.size + known.size,
  };
};

export type Throttle = ReturnType<typeof makeThrottle>;
