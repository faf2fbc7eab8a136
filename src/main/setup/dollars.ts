import { describe, InvalidValueError } from '../../domain/index.ts';

/** An amount in US dollars. Throws InvalidValueError. */
export const dollarsIn = (written: string): number => {
  const [, number] = /^\$?(\d{1,6}(?:\.\d{1,6})?)$/.exec(written.trim()) ?? [];
  if (number === undefined) throw new InvalidValueError(`${describe(written)} is no amount: write US dollars, such as 5 or 0.50`);
  return Number(number);
};
