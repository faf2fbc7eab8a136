import { styleText } from 'node:util';
import { oneLine } from './strip-control.ts';
import { clip, displayWidth, padEnd, padStart, wrap } from './text-width.ts';

export type TextStyle = Parameters<typeof styleText>[0];

export interface TableColumn<Row> {
  readonly key: keyof Row;
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be narrowed when the table is too wide. Others never are: names and numbers are whole, or useless. */
  readonly flexible?: boolean;
  /** How a text that is too wide for a flexible column is shown: cut (default), or broken into lines. */
  readonly overflow?: 'clip' | 'wrap';
  /** The style of its cells, if colour is on. */
  readonly style?: (row: Row) => TextStyle | undefined;
}

const GAP = 2;
/** A flexible column is narrowed to this width at minimum. */
const LEAST = 16;
/** Where a row goes on below its first line. */
const INDENT = 4;

/**
 * Rows under titles, in aligned columns, without a trailing line feed. A table that is wider than `width` columns has
 * its flexible columns narrowed; where that is not enough, each row goes on in the next line, as the titles do. Without
 * `width` (no terminal) it does neither. Control characters in values are removed.
 */
export const formatTable = <Row extends object>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  { width = Number.POSITIVE_INFINITY, color = false }: { readonly width?: number; readonly color?: boolean } = {},
): string => {
  const cells = rows.map((row) => columns.map(({ key }) => oneLine(String(row[key] ?? ''))));
  const natural = columns.map(({ title }, at) => Math.max(displayWidth(title), ...cells.map((line) => displayWidth(line[at] ?? ''))));
  const isFlexible = (at: number): boolean => columns[at]?.flexible === true;
  const bands = bandsOf(
    natural.map((each, at) => (isFlexible(at) ? Math.min(each, LEAST) : each)),
    width,
  );
  const widths = bands.flatMap(({ from, to, indent }) =>
    squeeze(natural.slice(from, to), width - indent - GAP * (to - from - 1), (at) => isFlexible(from + at)),
  );

  const lineOf = (texts: readonly string[], styleOf: (column: TableColumn<Row>) => TextStyle | undefined, band: Band): string => {
    const line = columns.slice(band.from, band.to).map((column, nth) => {
      const at = band.from + nth;
      const text = (column.align === 'right' ? padStart : padEnd)(texts[at] ?? '', widths[at] ?? 0);
      const style = color && text.trim() ? styleOf(column) : undefined;
      return style ? inStyle(style, text) : text;
    });
    return `${' '.repeat(band.indent)}${line.join(' '.repeat(GAP))}`.trimEnd();
  };
  const linesOf = (row: Row, texts: readonly string[]): string[] => {
    const blocks = texts.map((text, at) => {
      const columnWidth = widths[at] ?? 0;
      return columns[at]?.overflow === 'wrap' ? wrap(text, columnWidth) : [clip(text, columnWidth)];
    });
    return bands.flatMap((band) =>
      Array.from({ length: Math.max(1, ...blocks.slice(band.from, band.to).map(({ length }) => length)) }, (_, i) =>
        lineOf(
          blocks.map((block) => block[i] ?? ''),
          ({ style }) => style?.(row),
          band,
        ),
      ),
    );
  };

  const titles = columns.map(({ title }, at) => clip(title, widths[at] ?? 0));
  const head = bands.map((band) => lineOf(titles, () => 'bold', band));
  return [...head, ...rows.flatMap((row, at) => linesOf(row, cells[at] ?? []))].join('\n');
};

/** The columns from `from` to before `to`, in one line. */
interface Band {
  readonly from: number;
  readonly to: number;
  readonly indent: number;
}

/** As many columns in a line as fit at their least widths, and one at least. */
const bandsOf = (least: readonly number[], width: number): readonly Band[] => {
  const bands: Band[] = [];
  for (let from = 0; from < least.length; ) {
    const indent = from === 0 ? 0 : INDENT;
    let to = from + 1;
    for (let used = indent + (least[from] ?? 0); to < least.length; to++) {
      used += GAP + (least[to] ?? 0);
      if (used > width) break;
    }
    bands.push({ from, to, indent });
    from = to;
  }
  return bands;
};

/** The text in that style. The caller has decided about colour; the environment is ignored. */
export const inStyle = (style: TextStyle, text: string): string => styleText(style, text, { validateStream: false });

/** Narrows the widest flexible column by one place at a time, until they fit or none is wider than the least width. */
const squeeze = (widths: readonly number[], room: number, mayGive: (at: number) => boolean): number[] => {
  const squeezed = [...widths];
  for (let excess = widths.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess--) {
    const givers = squeezed.map((each, at) => (mayGive(at) && each > LEAST ? each : 0));
    const most = Math.max(...givers);
    if (most === 0) break;
    squeezed[givers.indexOf(most)] = most - 1;
  }
  return squeezed;
};
