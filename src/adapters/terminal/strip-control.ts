import { stripVTControlCharacters } from 'node:util';

/**
 * The text with nothing in it that a terminal obeys: no escape sequence, no control character but line feed, and nothing that
 * reorders what is read (bidirectional embeddings, overrides, isolates and marks). Tabs become spaces, every kind of line end a line feed.
 */
export const stripControl = (text: string): string =>
  stripVTControlCharacters(text.toWellFormed())
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(/\t/g, '    ')
    .replace(NOT_SHOWN, '');

const NOT_SHOWN = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The same, on one line. */
export const oneLine = (text: string): string => stripControl(text).replace(/\s+/g, ' ').trim();
