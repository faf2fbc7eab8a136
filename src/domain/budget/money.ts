import type { Brand } from '../shared/brand.ts';

/** An amount in millionths of a US dollar: a whole number, so that sums are exact. */
export type MicroUsd = Brand<number, 'MicroUsd'>;

/** What may be spent, at the most. */
export interface Budget {
  readonly daily?: MicroUsd;
  readonly monthly?: MicroUsd;
  /** What one promise may cost, at the most. */
  readonly perPromise?: MicroUsd;
  /** The share of it, above 0 and at most 1, from which on people are warned. */
  readonly warnAt: number;
  /** The model that answers from there on: `anthropic/claude-haiku-5-5`. */
  readonly cheaperModel?: string;
  /** Where it stands in the configuration. */
  readonly path: string;
}

export const MICRO = 1_000_000;
/** More can't be meant, and sums of it stay exact. */
export const MAX_USD = 1_000_000_000;
export const DEFAULT_WARN_AT = 0.8;

/** The amount in whole millionths; undefined where it is negative, finer than a millionth, or beyond `MAX_USD`. */
export const microUsd = (usd: number): MicroUsd | undefined => {
  const micro = Math.round(usd * MICRO);
  const isExact = Math.abs(usd * MICRO - micro) <= Math.max(1e-6, Math.abs(micro) * Number.EPSILON * 4);
  return isExact && usd >= 0 && usd <= MAX_USD ? (micro as MicroUsd) : undefined;
};
