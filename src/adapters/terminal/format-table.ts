import { styleText } from 'node:util';
import { oneLine } from './strip-control.ts';
import { clip, displayWidth, padEnd, padStart, wrap } from './text-width.ts';

export type TextStyle = Parameters<typeof styleText>[0];

export interface TableColumn<Row> {
  readonly key: keyof Row;
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Gives its width first when the table is too wide. */
  readonly flexible?: boolean;
  /** How a text that is too wide for its column is shown: cut with an ellipsis (default), or broken into lines. */
  readonly overflow?: 'clip' | 'wrap';
  /** The style of its cells, if colour is on. */
  readonly style?: (row: Row) => TextStyle | undefined;
}

const GAP = 2;
/** A flexible column is narrowed to this width at minimum; other columns only if that is not enough. */
const LEAST = { flexible: 16, other: 6 };

/**
 * Rows under titles, in aligned columns, without a trailing line feed. A table that is wider than `width` columns is
 * narrowed, flexible columns first. Without `width` (no terminal) it is not. Control characters in values are removed.
 */
export const formatTable = <Row extends object>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  { width = Number.POSITIVE_INFINITY, color = false }: { readonly width?: number; readonly color?: boolean } = {},
): string => {
  const cells = rows.map((row) => columns.map(({ key }) => oneLine(String(row[key] ?? ''))));
  const natural = columns.map(({ title }, at) => Math.max(displayWidth(title), ...cells.map((line) => displayWidth(line[at] ?? ''))));
  const room = width - GAP * (columns.length - 1);
  const gently = squeeze(natural, room, LEAST.flexible, (at) => columns[at]?.flexible === true);
  const widths = squeeze(gently, room, LEAST.other, () => true);

  const lineOf = (texts: readonly string[], styleOf: (column: TableColumn<Row>) => TextStyle | undefined): string => {
    const line = columns.map((column, at) => {
      const text = (column.align === 'right' ? padStart : padEnd)(texts[at] ?? '', widths[at] ?? 0);
      const style = color && text.trim() ? styleOf(column) : undefined;
      return style ? inStyle(style, text) : text;
    });
    return line.join(' '.repeat(GAP)).trimEnd();
  };
  const linesOf = (row: Row, texts: readonly string[]): string[] => {
    const blocks = texts.map((text, at) => {
      const columnWidth = widths[at] ?? 0;
      return columns[at]?.overflow === 'wrap' ? wrap(text, columnWidth) : [clip(text, columnWidth)];
    });
    return Array.from({ length: Math.max(1, ...blocks.map(({ length }) => length)) }, (_, i) =>
      lineOf(
        blocks.map((block) => block[i] ?? ''),
        ({ style }) => style?.(row),
      ),
    );
  };

  const titles = columns.map(({ title }, at) => clip(title, widths[at] ?? 0));
  return [lineOf(titles, () => 'bold'), ...rows.flatMap((row, at) => linesOf(row, cells[at] ?? []))].join('\n');
};

/** The text in that style. The caller has decided about colour; the environment is ignored. */
export const inStyle = (style: TextStyle, text: string): string => styleText(style, text, { validateStream: false });

/**
 * Narrows the widest flexible column by one place at a time, until the table fits or no column is wider than `least`.
 */
const squeeze = (widths: readonly number[], room: number, least: number, mayGive: (at: number) => boolean): number[] => {
  const squeezed = [...widths];
  for (let excess = widths.reduce((sum, each) => sum + each, 0) - room; excess > 0; excess--) {
    const givers = squeezed.map((each, at) => (mayGive(at) && each > least ? each : 0));
    const most = Math.max(...givers);
    if (most === 0) break;
    squeezed[givers.indexOf(most)] = most - 1;
  }
  return squeezed;
};
