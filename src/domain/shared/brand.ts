import { excerpt } from './excerpt.ts';

declare const brand: unique symbol;

/** `T`, told apart by the compiler from every other `T`: only its validating constructor makes one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Thrown by the validating constructors of branded values. The message says what was wrong and what is expected. */
export class InvalidValueError extends RangeError {
  override readonly name = 'InvalidValueError';
  readonly code = 'value/invalid';
}

/** Reads a whole number within `[min, max]` from a number or its decimal text. */
export const wholeNumber = (raw: unknown, what: string, min: number, max = Number.MAX_SAFE_INTEGER): number => {
  const value = typeof raw === 'string' && /^-?\d{1,16}$/.test(raw.trim()) ? Number(raw) : raw;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max)
    throw new InvalidValueError(
      `${what} must be a whole number from ${min} ${max === Number.MAX_SAFE_INTEGER ? 'on' : `to ${max}`}, not ${describe(raw)}`,
    );
  return value;
};

/** A value as it may stand in an error message: short, and with its kind told. */
export const describe = (raw: unknown): string => excerpt(typeof raw === 'string' ? JSON.stringify(raw) : String(raw), 60);
