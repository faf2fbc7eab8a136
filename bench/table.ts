/** The value that `percent` of all values do not exceed (nearest rank). */
export const percentile = (values: readonly number[], percent: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? Number.NaN;
};

const cell = (value: string | number): string => (typeof value === 'string' ? value : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0));

/** As Markdown that reads well in a terminal, too; numbers to the right. */
export const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const lines = [head, ...rows].map((row) => row.map(cell));
  const widths = head.map((_, column) => Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((each, at) => (at === 0 ? each.padEnd(widths[at] ?? 0) : each.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(lines[0] ?? []), line(rule), ...lines.slice(1).map(line)].join('\n');
};
