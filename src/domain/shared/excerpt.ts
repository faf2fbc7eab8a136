/** The beginning of a text, at most `length` UTF-16 units; no character is cut in two. */
export const beginningOf = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');

/** The beginning of a text, with `…` in place of what does not fit into `length` UTF-16 units. */
export const excerpt = (text: string, length: number): string =>
  text.length <= length ? text : `${beginningOf(text, length - 1).trimEnd()}…`;

/** The same, with the length of the whole behind it, which makes it longer than `length`. */
export const excerptWithLength = (text: string, length: number): string =>
  text.length <= length ? text : `${beginningOf(text, length).trimEnd()}… (${text.length} characters in all)`;

/** An excerpt in one line. */
export const lineExcerpt = (text: string, length: number): string => excerpt(text.replace(/[\s\p{Cc}]+/gu, ' ').trim(), length);

const LONGEST_WORD = 8_192;

/** The beginning, without the word that the cut would go through: no rule knows the half of a key. */
export const wholeWordsOf = (text: string, length: number): string => {
  if (text.length <= length) return text;
  let end = length;
  while (end > 0 && length - end < LONGEST_WORD && /[!-~]/.test(text.charAt(end)) && /[!-~]/.test(text.charAt(end - 1))) end--;
  return end === 0 || length - end >= LONGEST_WORD ? beginningOf(text, length) : beginningOf(text, end);
};
