/**
 * The number of terminal columns of a text without control characters. Terminals disagree about emoji made of several
 * characters; this counts each character, as readline does, so a text never takes more room than counted.
 */
export const displayWidth = (text: string): number => {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
};

/** The text, cut to `width` columns with an ellipsis where it is wider. */
export const clip = (text: string, width: number): string => {
  if (displayWidth(text) <= width) return text;
  return width < 1 ? '' : `${head(text, width - 1).trimEnd()}…`;
};

export const padEnd = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - displayWidth(text)));
export const padStart = (text: string, width: number): string => ' '.repeat(Math.max(0, width - displayWidth(text))) + text;

/** Breaks a text into lines of at most `width` columns, between words, or inside a word that is wider than a line. */
export const wrap = (text: string, width: number): string[] => text.split('\n').flatMap((line) => wrapLine(line, Math.max(2, width)));

const wrapLine = (line: string, width: number): string[] => {
  if (displayWidth(line) <= width) return [line];
  const lines: string[] = [];
  let current = '';
  let used = 0;
  for (const word of line.split(BREAK)) {
    const wordWidth = displayWidth(word);
    if (used + wordWidth <= width) {
      current += word;
      used += wordWidth;
      continue;
    }
    if (current !== '') lines.push(current);
    current = current === '' ? word : word.trimStart();
    for (let part = head(current, width); part !== current; part = head(current, width)) {
      lines.push(part);
      current = current.slice(part.length);
    }
    used = displayWidth(current);
  }
  return [...lines, current];
};

/** As many whole graphemes from the start as fit `width`. */
const head = (text: string, width: number): string => {
  const near = text.slice(0, NEAR * (width + 1));
  let end = 0;
  let used = 0;
  for (const { segment, index } of graphemesOf(near)) {
    used += displayWidth(segment);
    // The last grapheme may continue beyond the examined part.
    if (used > width || (index > 0 && index + segment.length === near.length && near.length < text.length)) break;
    end += segment.length;
  }
  return end === 0 && width > 1 ? charactersOf(near, width) : text.slice(0, end);
};

/** No grapheme that people write has more units; a longer one may be cut between two lines. */
const NEAR = 32;

/** As many whole characters as fit, at least one, if the first grapheme is wider than the width. */
const charactersOf = (text: string, width: number): string => {
  let end = 0;
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (end > 0 && used > width) break;
    end += character.length;
  }
  return text.slice(0, end);
};

const characterWidth = (character: string): number => {
  if (character === EMOJI_STYLE) return 1;
  if (NO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

let segmenter: Intl.Segmenter | undefined;
/** Made when it is first needed: that takes longer than many a command. */
const graphemesOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
};
/**
 * Between a word and the blanks that lead to the next; after a wide character too: those scripts put no blanks between
 * words.
 */
const BREAK = /(?<=\S)(?=\s)|(?<=[\u3000-\u30ff\u3400-\u9fff\uff01-\uff60])(?![\u3001\u3002\uff01-\uff0f\uff1a-\uff1f])/;
const PLAIN = /^[\x20-\x7e]*$/;
/** Makes the character before it, counted as narrow, a wide emoji. */
const EMOJI_STYLE = '\ufe0f';
const NO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u;
/**
 * East Asian Width W and F (https://www.unicode.org/reports/tr11), by blocks, and characters that are drawn as an emoji
 * without a variation selector.
 */
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{20000}-\u{3fffd}]/u;
