import type { Randomness } from '../ports/index.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';

/** Chance that comes out the same for the same seed. For tests: what it gives can be guessed. */
export const makeSeededRandomness = (seed: number): Randomness => {
  const next = mulberry32(seed);
  return {
    id: () => Array.from({ length: 22 }, () => ALPHABET[next() % ALPHABET.length]).join(''),
    fraction: () => next() / 2 ** 32,
  };
};

/** Whole numbers below 2^32: Tommy Ettinger's mulberry32. */
const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
};
