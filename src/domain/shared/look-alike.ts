/** Letters of other scripts that look like a Latin one, in small letters without accents, and the Latin ones. */
const LIKE_LATIN: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['а', 'a'],
    ['в', 'b'],
    ['с', 'c'],
    ['ԁ', 'd'],
    ['е', 'e'],
    ['ғ', 'f'],
    ['ԍ', 'g'],
    ['һ', 'h'],
    ['н', 'h'],
    ['і', 'i'],
    ['ӏ', 'l'],
    ['ј', 'j'],
    ['к', 'k'],
    ['м', 'm'],
    ['п', 'n'],
    ['о', 'o'],
    ['р', 'p'],
    ['ԛ', 'q'],
    ['г', 'r'],
    ['ѕ', 's'],
    ['т', 't'],
    ['ц', 'u'],
    ['ѵ', 'v'],
    ['ԝ', 'w'],
    ['х', 'x'],
    ['у', 'y'],
    ['ү', 'y'],
    ['α', 'a'],
    ['β', 'b'],
    ['ϲ', 'c'],
    ['ε', 'e'],
    ['η', 'n'],
    ['ι', 'i'],
    ['κ', 'k'],
    ['μ', 'm'],
    ['ν', 'v'],
    ['ο', 'o'],
    ['ρ', 'p'],
    ['σ', 'o'],
    ['τ', 't'],
    ['υ', 'u'],
    ['χ', 'x'],
    ['ζ', 'z'],
    ['ω', 'w'],
    ['ɑ', 'a'],
    ['ɡ', 'g'],
    ['ı', 'i'],
    ['ᴀ', 'a'],
    ['ʙ', 'b'],
    ['ᴄ', 'c'],
    ['ᴅ', 'd'],
    ['ᴇ', 'e'],
    ['ꜰ', 'f'],
    ['ɢ', 'g'],
    ['ʜ', 'h'],
    ['ɪ', 'i'],
    ['ᴊ', 'j'],
    ['ᴋ', 'k'],
    ['ʟ', 'l'],
    ['ᴍ', 'm'],
    ['ɴ', 'n'],
    ['ʀ', 'r'],
    ['ᴏ', 'o'],
    ['ᴘ', 'p'],
    ['ꜱ', 's'],
    ['ᴛ', 't'],
    ['ᴜ', 'u'],
    ['ᴠ', 'v'],
    ['ᴡ', 'w'],
    ['ʏ', 'y'],
    ['ᴢ', 'z'],
    ['օ', 'o'],
    ['ո', 'n'],
    ['ս', 'u'],
    ['հ', 'h'],
    ['ց', 'g'],
    ['զ', 'q'],
  ].map(([like, latin]) => [like, latin]),
);

/**
 * Characters that are not seen, for a class of a regular expression with the flag `u`: zero-width ones, marks of
 * direction, the soft hyphen, variation selectors, tags and the like.
 */
export const UNSEEN = String.raw`\p{Default_Ignorable_Code_Point}\p{Cf}`;
const ALL_UNSEEN = new RegExp(`[${UNSEEN}]`, 'gu');

export const withoutUnseen = (text: string): string => text.replace(ALL_UNSEEN, '');

/** Small letters, without accents and what is not seen, with the Latin letter for each that looks like one. */
export const inLatin = (text: string): string => Array.from(plainLetters(text), (letter) => LIKE_LATIN[letter] ?? letter).join('');

/** Cyrillic letters for the Latin ones that stand in words which are Cyrillic otherwise. */
export const inCyrillic = (text: string): string =>
  text.replace(/[\p{L}\p{N}]+/gu, (word) =>
    /\p{Script=Cyrillic}/u.test(word) ? Array.from(word, (letter) => LIKE_CYRILLIC[letter] ?? letter).join('') : word,
  );

const LIKE_CYRILLIC: Readonly<Record<string, string>> = {
  a: 'а',
  c: 'с',
  e: 'е',
  h: 'н',
  k: 'к',
  m: 'м',
  o: 'о',
  p: 'р',
  t: 'т',
  x: 'х',
  y: 'у',
};

/**
 * The same text for all that look alike, or nearly so, to who reads a name: letters of all scripts, `0` and `o`, `1`,
 * `l` and `i`; signs and spaces count for nothing.
 */
export const lookOf = (text: string): string =>
  inLatin(text)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replace(/0/g, 'o')
    .replace(/[1l|]/g, 'i');

const plainLetters = (text: string): string =>
  withoutUnseen(text)
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '');
