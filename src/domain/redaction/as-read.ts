import { UNSEEN } from '../shared/look-alike.ts';
import type { Span } from './spans.ts';

/** A text as it reads, and where each of its units stands in the text as it is written. */
export interface AsRead {
  readonly text: string;
  /** The span as it stands in the written text. */
  written(span: Span): Span;
}

/**
 * How languages, addresses and pages write a character: `\u0041`, `\u{41}`, `\x41`, `\101`, `%41`, `&#65;`, `&#x41;`,
 * `&shy;`.
 */
const ESCAPED =
  '%[\\da-fA-F]{2}|\\\\u[\\da-fA-F]{4}|\\\\u\\{0{0,4}[\\da-fA-F]{2,4}\\}|\\\\x[\\da-fA-F]{2}|\\\\[01][0-7]{2}' +
  '|&#0{0,8}\\d{2,5};|&#[xX]0{0,8}[\\da-fA-F]{2,4};|&(?:shy|zwnj|zwj|lrm|rlm|ZeroWidthSpace|NoBreak);';
/** What terminals take for colours, and control characters that show nothing. */
const CONTROL = '\\u001b\\[[\\d;]{0,20}[A-Za-z]|[\\0-\\x08\\x0e-\\x1f\\x7f]';
/** Letters in other clothes: full-width, in circles, mathematical; and marks above and below letters. */
const DRESSED = '[\\uff01-\\uff5e\\u24b6-\\u24e9\\u0300-\\u036f\\u{1d400}-\\u{1d7ff}]';
const ANY = new RegExp(`[${UNSEEN}]|${ESCAPED}|${CONTROL}|${DRESSED}`, 'gu');
const IS_UNSEEN = new RegExp(`^[${UNSEEN}]$`, 'u');

/** Escapes may stand within escapes: `%2541`. */
const ROUNDS = 3;

/**
 * The text as it reads: without what is not seen, each escape and each dressed letter as what it stands for. Undefined
 * where it reads as it is written.
 */
export const asRead = (text: string): AsRead | undefined => {
  let read = readOnce(text);
  for (let round = 1; read && round < ROUNDS; round++) {
    const outer: AsRead = read;
    const inner = readOnce(outer.text);
    if (!inner) break;
    read = { text: inner.text, written: (span) => outer.written(inner.written(span)) };
  }
  return read;
};

const readOnce = (text: string): AsRead | undefined => {
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

const ESCAPE = new RegExp(`${ESCAPED}|[\\s\\S]`, 'yu');
const endOf = (text: string, at: number): number => {
  ESCAPE.lastIndex = at;
  return ESCAPE.test(text) ? ESCAPE.lastIndex : at + 1;
};

const meaningOf = (found: string): string => {
  const code = codeOf(found);
  if (code !== undefined) {
    const meant = String.fromCharCode(code);
    return IS_UNSEEN.test(meant) ? '' : meant;
  }
  const [letter = ''] = found.normalize('NFKC');
  return /^[!-~]$/.test(letter) ? letter : '';
};

/** Which character an escape stands for. */
const codeOf = (found: string): number | undefined => {
  if (found.startsWith('%')) return Number.parseInt(found.slice(1), 16);
  if (/^\\[ux]/.test(found)) return Number.parseInt(found.replace(/[^\da-f]/gi, ''), 16);
  if (found.startsWith('\\')) return Number.parseInt(found.slice(1), 8);
  if (/^&#x/i.test(found)) return Number.parseInt(found.slice(3), 16);
  if (found.startsWith('&#')) return Number.parseInt(found.slice(2), 10);
  return undefined;
};
