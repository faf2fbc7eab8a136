/** So many words in a row, as somebody said them, are no coincidence. */
const IN_A_ROW = 5;
/** A shorter text counts as a whole, from so many words and UTF-16 units on. */
const FEWEST = 3;
const SHORTEST = 16;
/** An address, a number, a code: a word with a digit or `@` in it, from this length on; else one with `_` or `-`. */
const SHORTEST_DATUM = 6;
const SHORTEST_JOINED = 12;
/** The most that is remembered, and how much of one text is looked at, in UTF-16 units. */
const MAX_KNOWN = 2_000_000;
const MAX_LENGTH = 5_000_000;

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const DATUM = /[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}_@.+/-]*[\p{L}\p{M}\p{N}]/gu;

/** Tells whether a text repeats somebody's words: some in a row, or an address, a number or a code of theirs. */
export interface Echo {
  /** More of what they said. */
  add(text: string): void;
  /** Somebody else said this, too: it tells nothing of whose words they are. */
  except(text: string): void;
  isIn(text: string): boolean;
}

export const makeEcho = (): Echo => {
  const known = new Set<number>();
  /** How many words in a row are looked for. */
  const lengths = new Set<number>();
  return {
    add: (text) => {
      const words = wordsIn(text);
      const length = Math.min(words.length, IN_A_ROW);
      const counts = length === IN_A_ROW || (length >= FEWEST && text.trim().length >= SHORTEST);
      if (counts) lengths.add(length);
      for (const mark of marksOf(text, words, counts ? [length] : [])) if (known.size < MAX_KNOWN) known.add(mark);
    },
    except: (text) => {
      if (known.size === 0) return;
      for (const mark of marksOf(text, wordsIn(text), lengths)) known.delete(mark);
    },
    isIn: (text) => {
      if (known.size === 0) return false;
      for (const mark of marksOf(text, wordsIn(text), lengths)) if (known.has(mark)) return true;
      return false;
    },
  };
};

/** JSON in JSON writes line ends and quotes behind backslashes, which are no part of a word. */
const plain = (text: string): string =>
  text
    .slice(0, MAX_LENGTH)
    .replace(/\\+[nrtbf"]/g, ' ')
    .toLowerCase();

const wordsIn = (text: string): readonly string[] => plain(text).match(WORD) ?? [];

/** A number for each run of so many words, and for each datum. */
function* marksOf(text: string, words: readonly string[], lengths: Iterable<number>): Generator<number> {
  for (const length of lengths)
    for (let at = 0; at + length <= words.length; at++) yield markOf(`${length} ${words.slice(at, at + length).join(' ')}`);
  for (const [datum] of plain(text).matchAll(DATUM)) {
    const isDatum = /[\p{N}@]/u.test(datum) ? datum.length >= SHORTEST_DATUM : /[_-]/.test(datum) && datum.length >= SHORTEST_JOINED;
    if (isDatum) yield markOf(datum);
  }
}

/** FNV-1a over 2 × 32 bits, of which a number holds 53. */
const markOf = (text: string): number => {
  let [one, two] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at++) {
    one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
    two = Math.imul(two ^ (text.charCodeAt(at) + at), 0x85ebca6b);
  }
  return (one >>> 0) * 0x200000 + ((two >>> 0) & 0x1fffff);
};
