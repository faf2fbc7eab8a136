import { PortError } from '../../ports/index.ts';

export const concurrency = (message: string): PortError => new PortError('concurrency', message, { retryable: false });

/** The rows that `matches` accepts, in order, at most `limit` of them. */
export const select = <Row>(
  rows: Iterable<Row>,
  matches: (row: Row) => boolean,
  order: (a: Row, b: Row) => number,
  limit: number = Number.POSITIVE_INFINITY,
): Row[] => Array.from(rows).filter(matches).sort(order).slice(0, Math.max(0, limit));

export const firstOf = <Row>(rows: Iterable<Row>, matches: (row: Row) => boolean): Row | undefined => {
  for (const row of rows) if (matches(row)) return row;
  return undefined;
};

/** How many rows are of each kind. A kind without rows counts 0. */
export const count = <Kind extends string>(kinds: readonly Kind[], found: Iterable<Kind>): Record<Kind, number> => {
  const counts = Object.fromEntries(kinds.map((kind) => [kind, 0])) as Record<Kind, number>;
  for (const kind of found) counts[kind]++;
  return counts;
};
