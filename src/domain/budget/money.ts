import { type Brand, InvalidValueError } from '../shared/brand.ts';

/** An amount in millionths of a US dollar: a whole number, so that sums are exact. */
export type MicroUsd = Brand<number, 'MicroUsd'>;

export const NOTHING = 0 as MicroUsd;

/** Millionths in a dollar. */
const MICRO = 1_000_000;
const CENT = 10_000;

/** A whole number of millionths. */
export const moneyOf = (millionths: number): MicroUsd => {
  if (!Number.isSafeInteger(millionths) || millionths < 0) throw new InvalidValueError(`not an amount of money: ${millionths}`);
  return millionths as MicroUsd;
};

/** Dollars as somebody reports them, to the next millionth. Undefined for what is no amount. */
export const fromUsd = (usd: number): MicroUsd | undefined =>
  usd >= 0 && usd <= MAX_USD ? moneyOf(Math.ceil(Math.round(usd * 1e9) / 1e3)) : undefined;

export const toUsd = (amount: MicroUsd): number => amount / MICRO;

export const sumOf = (amounts: readonly MicroUsd[]): MicroUsd => amounts.reduce((sum, amount) => sum + amount, 0) as MicroUsd;

/** `$5.00`, `$0.0042`: exact below a dollar, so that small ones add up; above, to the cent, never less than it is. */
export const inDollars = (amount: MicroUsd): string =>
  inDollarsExactly(amount < MICRO ? amount : ((Math.ceil(amount / CENT) * CENT) as MicroUsd));

/** `$5.00`, `$1.005`: as a limit, and what is left of it, are told. */
export const inDollarsExactly = (amount: MicroUsd): string => {
  const parts = String(amount % MICRO)
    .padStart(6, '0')
    .replace(/0{1,4}$/, '');
  return `$${Math.floor(amount / MICRO).toLocaleString('en-US')}.${parts}`;
};

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

/** More can't be meant, and sums of it stay exact. */
export const MAX_USD = 1_000_000_000;
export const DEFAULT_WARN_AT = 0.8;

/** The amount in whole millionths; undefined where it is negative, finer than a millionth, or beyond `MAX_USD`. */
export const microUsd = (usd: number): MicroUsd | undefined => {
  const micro = Math.round(usd * MICRO);
  const isExact = Math.abs(usd * MICRO - micro) <= Math.max(1e-6, Math.abs(micro) * Number.EPSILON * 4);
  return isExact && usd >= 0 && usd <= MAX_USD ? (micro as MicroUsd) : undefined;
};
