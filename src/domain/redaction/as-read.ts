import { UNSEEN } from '../shared/look-alike.ts';
import type { Span } from './spans.ts';

/** A text as it reads, and where each of its units stands in the text as it is written. */
export interface AsRead {
  readonly text: string;
  /** The span as it stands in the written text. */
  written(span: Span): Span;
}

const ANY = new RegExp(String.raw`[${UNSEEN}\uff01-\uff5e]|%[\da-fA-F]{2}|\\u00[\da-fA-F]{2}|&#x?[\da-fA-F]{2,4};`, 'gu');

/**
 * The text as it reads: without what is not seen, with full-width letters, %-forms, `\u00..` and `&#..;` as what they stand for.
 * Undefined where it reads as it is written.
 */
export const asRead = (text: string): AsRead | undefined => {
  ANY.lastIndex = 0;
  if (!ANY.test(text)) return undefined;
  ANY.lastIndex = 0;
  /** For each piece that was kept or decoded: where it begins, folded and written, and how long it was written. */
  const folded: number[] = [];
  const written: number[] = [];
  let out = '';
  let at = 0;
  const keep = (from: number): void => {
    folded.push(out.length);
    written.push(from);
  };
  keep(0);
  for (const { 0: found, index } of text.matchAll(ANY)) {
    out += text.slice(at, index);
    const meant = meaningOf(found);
    if (meant !== '') {
      keep(index);
      out += meant;
    }
    at = index + found.length;
    keep(at);
  }
  out += text.slice(at);

  const place = (position: number): number => {
    // The last piece that begins at or before the position.
    let low = 0;
    let high = folded.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((folded[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return (written[low] ?? 0) + position - (folded[low] ?? 0);
  };
  return {
    text: out,
    // The end is where the last unit stands, and then all that it was written with.
    written: ({ start, end }) => ({ start: place(start), end: Math.max(place(end - 1) + 1, endOf(text, place(end - 1))) }),
  };
};

const ESCAPE = /%[\da-fA-F]{2}|\\u00[\da-fA-F]{2}|&#x?[\da-fA-F]{2,4};|[\s\S]/y;
const endOf = (text: string, at: number): number => {
  ESCAPE.lastIndex = at;
  return ESCAPE.test(text) ? ESCAPE.lastIndex : at + 1;
};

const meaningOf = (found: string): string => {
  if (found.startsWith('%')) return String.fromCharCode(Number.parseInt(found.slice(1), 16));
  if (found.startsWith('\\u')) return String.fromCharCode(Number.parseInt(found.slice(2), 16));
  if (found.startsWith('&#x')) return String.fromCharCode(Number.parseInt(found.slice(3, -1), 16));
  if (found.startsWith('&#')) return String.fromCharCode(Number.parseInt(found.slice(2, -1), 10) || 0x20);
  const code = found.charCodeAt(0);
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : '';
};
