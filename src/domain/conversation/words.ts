import { beginningOf } from '../shared/excerpt.ts';
import { withoutUnseen } from '../shared/look-alike.ts';

/** The most words of one text that can be found. */
const MAX_WORDS = 10_000;
/** How much of a text is looked at, and how long its words may be together, in UTF-16 units. */
const MAX_LENGTH = 100_000;
/** Of a longer word, this much counts. */
const MAX_WORD_LENGTH = 64;
/** The most phrases of a query, and the most words in all of them. */
const MAX_PHRASES = 20;
const MAX_QUERY_WORDS = 100;
/** A shorter word of a query is not taken for the beginning of another: too many begin with it. */
const MIN_BEGINNING = 3;

/** Letters of scripts that put no space between words: each one counts as a word, and a word as a phrase of them. */
const UNSPACED =
  '[[\\p{scx=Han}\\p{scx=Hira}\\p{scx=Kana}\\p{scx=Hang}\\p{scx=Thai}\\p{scx=Laoo}\\p{scx=Khmr}\\p{scx=Mymr}]&&[\\p{L}\\p{N}\\p{M}]]';
const WORD = new RegExp(`${UNSPACED}|[[\\p{L}\\p{N}\\p{M}]--${UNSPACED}]+`, 'gv');
const IS_UNSPACED = new RegExp(`^${UNSPACED}`, 'v');

/** Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic. The marks of other scripts tell words apart. */
const ACCENTS = new RegExp(
  `[${[
    ...['\\u0300-\\u036f', '\\u0483-\\u0489', '\\u0591-\\u05c7', '\\u0610-\\u061a', '\\u064b-\\u065f', '\\u0670'],
    ...['\\u1ab0-\\u1aff', '\\u1dc0-\\u1dff', '\\u20d0-\\u20ff'],
  ].join('')}]`,
  'gu',
);
/** Letters that nobody writes apart from these where a keyboard has only these. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = { ß: 'ss', ς: 'σ', ø: 'o', ł: 'l', đ: 'd', ı: 'i', æ: 'ae', œ: 'oe' };
const ASCII = /^[\0-\x7f]*$/;

const plain = (text: string): string =>
  ASCII.test(text)
    ? text.toLowerCase()
    : withoutUnseen(text)
        .toLowerCase()
        .normalize('NFKD')
        .replace(ACCENTS, '')
        .normalize('NFC')
        .replace(/[ßςøłđıæœ]/g, (letter) => PLAIN_LETTERS[letter] ?? letter);

/** The words of a text in their order, by which it is found: in small letters, without accents and signs. */
export const wordsOf = (text: string): readonly string[] => {
  const words: string[] = [];
  let length = 0;
  for (const [word] of plain(beginningOf(text, MAX_LENGTH)).matchAll(WORD)) {
    const kept = beginningOf(word, MAX_WORD_LENGTH);
    length += kept.length;
    if (words.length >= MAX_WORDS || length > MAX_LENGTH) break;
    words.push(kept);
  }
  return words;
};

/** Words that follow each other. */
export interface Phrase {
  readonly words: readonly string[];
  /** The last one may be the beginning of a longer word. */
  readonly isBeginning: boolean;
}

/** What a text must have to be found: each of these phrases. */
export type WordQuery = readonly Phrase[];

/**
 * Reads what somebody looks for. A word also finds the words that it begins; what stands in quotes is found only as it
 * stands. Any text is a query; one without words finds nothing.
 */
export const wordQuery = (text: string): WordQuery => {
  const phrases: Phrase[] = [];
  let left = MAX_QUERY_WORDS;
  for (const [part, quoted] of beginningOf(text, MAX_LENGTH).matchAll(/["“„«]([^"“”„«»]*)["”“»]|[^\s"“”„«»]+|["“”„«»]/gu)) {
    const words = wordsOf(quoted ?? part).slice(0, left);
    const last = words.at(-1);
    if (last === undefined) continue;
    if (phrases.length >= MAX_PHRASES) break;
    left -= words.length;
    phrases.push({ words, isBeginning: quoted === undefined && last.length >= MIN_BEGINNING && !IS_UNSPACED.test(last) });
  }
  return phrases;
};

/** Whether a text with these words is found. A query without phrases finds nothing. */
export const isFound = (words: readonly string[], query: WordQuery): boolean =>
  query.length > 0 && query.every((phrase) => placeIn(words, phrase) >= 0);

/** The index of the word with which a phrase begins; -1 where it does not stand there. */
const placeIn = (words: readonly string[], { words: sought, isBeginning }: Phrase): number => {
  const lastAt = sought.length - 1;
  return words.findIndex((_, at) =>
    sought.every((word, i) => {
      const found = words[at + i];
      return found === word || (isBeginning && i === lastAt && found?.startsWith(word) === true);
    }),
  );
};

/**
 * The part of a text around the first thing that the query finds in it, in one line, with `…` where something is left
 * out; at most `length` UTF-16 units.
 */
export const excerptAround = (text: string, query: WordQuery, length: number): string => {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  if (line.length <= length) return line;
  const at = placeOf(line, query);
  const from = Math.max(0, Math.min(at - Math.floor(length / 3), line.length - length + 2));
  if (from === 0) return `${beginningOf(line, length - 1).trimEnd()}…`;
  const rest = line.slice(from).replace(/^[\udc00-\udfff]/, '');
  const isWhole = rest.length <= length - 1;
  return `…${isWhole ? rest : `${beginningOf(rest, length - 2).trimEnd()}…`}`;
};

/** Where the first word of a phrase stands in a text, in UTF-16 units; 0 where none can be told. */
const placeOf = (text: string, query: WordQuery): number => {
  for (const { 0: found, index } of beginningOf(text, MAX_LENGTH).matchAll(WORD)) {
    const [word = ''] = wordsOf(found);
    if (query.some(({ words: [first = ''] }) => first !== '' && word.startsWith(first))) return index;
  }
  return 0;
};
