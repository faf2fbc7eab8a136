/** The beginning of a text, at most `length` UTF-16 units; no character is cut in two. */
export const beginningOf = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');

const LONGEST_WORD = 8_192;

/** The same, without the word that the cut would go through: no rule knows the half of a key. */
export const wholeWordsOf = (text: string, length: number): string => {
  if (text.length <= length) return text;
  let end = length;
  while (end > 0 && length - end < LONGEST_WORD && /[!-~]/.test(text.charAt(end)) && /[!-~]/.test(text.charAt(end - 1))) end--;
  return end === 0 || length - end >= LONGEST_WORD ? beginningOf(text, length) : beginningOf(text, end);
};
