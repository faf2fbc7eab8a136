import type { Span } from './spans.ts';

/** A text as it reads, and where each of its units stands in the text as it is written. */
export interface Folded {
  readonly text: string;
  /** The span as it stands in the written text. */
  written(span: Span): Span;
}

/** What nobody sees: soft hyphens, joiners, directions, byte order marks, selectors, tags. */
const INVISIBLE =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0';
const ANY = new RegExp(
  `[${INVISIBLE}\\uff01-\\uff5e]|\\udb40[\\udc00-\\udfff]|%[\\da-fA-F]{2}|\\\\u00[\\da-fA-F]{2}|&#x?[\\da-fA-F]{2,4};`,
  'g',
);

/** The text as it reads: without invisible characters, with full-width letters, %-forms, `\u00..` and `&#..;` as what they stand for. */
export const fold = (text: string): Folded | undefined => {
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
