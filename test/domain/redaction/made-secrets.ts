import { makeTextRedactor } from '../../../src/domain/redaction/redactor.ts';

/** Letters and digits that nobody chose, of a kind: no text here is a key, and none looks like one in this file. */
export const made = (length: number, letters = 'aZ3kQ9xW7bLm2Rt5'): string =>
  Array.from({ length }, (_, i) => letters[(i * 7 + ((i * i) % 11)) % letters.length]).join('');
export const hex = (length: number): string => made(length, '3f9a0c7b1e5d28');
export const capitals = (length: number): string => made(length, 'QZ7XW3LM');
export const from = (...parts: string[]): string => parts.join('');

/** Of the form of a UUID. */
export const uuid = `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`;

export const redact = makeTextRedactor([]);
