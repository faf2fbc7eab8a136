/** The beginning of a text, at most `length` UTF-16 units; no character is cut in two. */
export const beginningOf = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
