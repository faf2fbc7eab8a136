/** No column is padded to more than this: one long cell must not blow up every row. */
const MAX_PADDING = 40;

/** What is longer goes as a file, and nobody reads its columns: it is not padded to many times what was written. */
const MAX_ALIGNED_LENGTH = 50_000;

/** A table as aligned text, its head first. */
export const renderTable = (rows: readonly (readonly string[])[]): string => {
  let widths: number[] = [];
  for (const row of rows) for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 1, Math.min(MAX_PADDING, widthOf(cell)));
  if (rows.length * widths.reduce((sum, width) => sum + width + 3, 0) > MAX_ALIGNED_LENGTH) widths = widths.map(() => 1);
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => pad(cell, widths[i] ?? 0))
      .join(' | ')
      .trimEnd();
  const [head, ...body] = rows.map(line);
  return [head ?? '', widths.map((width) => '-'.repeat(width)).join('-+-'), ...body].join('\n');
};

const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - widthOf(cell)));

/** Columns in a fixed-width face: two for emoji and for the scripts that are as wide as they are high. */
const widthOf = (cell: string): number => {
  if (/^[ -~]*$/.test(cell)) return cell.length;
  let width = 0;
  for (const { segment } of graphemes.segment(cell)) width += WIDE.test(segment) ? 2 : 1;
  return width;
};

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const WIDE =
  /^(?:\p{Emoji_Presentation}|.\ufe0f|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60])/u;
