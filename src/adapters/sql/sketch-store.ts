import {
  isSketch,
  type MeasuredSketch,
  type Measurements,
  present,
  SKETCHED_KINDS,
  type Sketch,
  type SketchedKind,
} from '../../domain/index.ts';
import type { SketchStore } from '../../ports/index.ts';
import type { Sql, Transaction } from './sql.ts';

interface SketchRow {
  readonly id: string;
  readonly from_at: number;
  readonly until_at: number;
  readonly body: string;
}

/** Of the form in which this version stores them. What a later version stored waits for it. */
const VERSION = 1;
const COLUMNS = 'id, from_at, until_at, body';
const ADD = `INSERT INTO sketches (id, from_at, until_at, version, is_merged, body) VALUES (?, ?, ?, ${VERSION}, ?, ?)
  ON CONFLICT (id) DO NOTHING`;
const READABLE = `FROM sketches WHERE version = ${VERSION}`;
const BETWEEN = `SELECT ${COLUMNS} ${READABLE} AND until_at > ? AND until_at <= ? ORDER BY until_at, id LIMIT ?`;
const BEHIND = `SELECT ${COLUMNS} ${READABLE} AND (until_at, id) > (?, ?) AND until_at <= ? ORDER BY until_at, id LIMIT ?`;
const TAKE = `DELETE FROM sketches WHERE id IN
  (SELECT id ${READABLE} AND is_merged = 0 AND until_at <= ? ORDER BY until_at, id LIMIT ?) RETURNING ${COLUMNS}`;
const PURGE = `DELETE FROM sketches WHERE id IN (SELECT id FROM sketches WHERE until_at < ? ORDER BY until_at LIMIT ?) RETURNING id`;
const PURGE_LATER = `DELETE FROM sketches WHERE id IN (SELECT id FROM sketches WHERE until_at > ? ORDER BY until_at LIMIT ?) RETURNING id`;

/** What was measured, over the database itself or over one transaction. */
export const makeSketchStore = <T extends Transaction>(sql: Sql<T>): SketchStore => ({
  add: (measured) =>
    sql.write(async ({ query }) => {
      const { id, from, until, isMerged, sketches } = measured;
      await query(ADD, [id, from, until, isMerged ? 1 : 0, sql.dialect.json(toBody(sketches))]);
    }),
  between: async ({ after, upTo, limit, behind }) => {
    const rows = behind
      ? await sql.read<SketchRow>(BEHIND, [behind.until, behind.id, upTo, limit])
      : await sql.read<SketchRow>(BETWEEN, [after, upTo, limit]);
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { found: rows.map(fromRow), ...present({ next: last && { until: Number(last.until_at), id: last.id } }) };
  },
  takeUnmerged: ({ upTo, limit }) =>
    sql.write(async (transaction) => {
      // Two at a time would find the same rows, and one of them take none.
      await sql.dialect.lock(transaction, 'sketches');
      return (await transaction.query<SketchRow>(TAKE, [upTo, limit])).map(fromRow).sort(byTime);
    }),
  purge: ({ before, after, limit }) =>
    sql.write(async ({ query }) => {
      const old = await query(PURGE, [before, limit]);
      return old.length + (old.length < limit ? (await query(PURGE_LATER, [after, limit - old.length])).length : 0);
    }),
});

const byTime = (a: Measurements, b: Measurements): number => a.until - b.until || (a.id < b.id ? -1 : 1);

/**
 * The stored form: sketches by kind and name, each `[count, failures, sum, min, max, bucket, times, step, times …]`,
 * where a step is how far the next bucket is from the one before.
 */
type Body = Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>;

const toBody = (sketches: readonly MeasuredSketch[]): Body =>
  Object.fromEntries(
    [...Map.groupBy(sketches, ({ kind }) => kind)].map(([kind, named]) => [
      kind,
      Object.fromEntries(named.map(({ name, sketch }) => [name, toNumbers(sketch)])),
    ]),
  );

const toNumbers = ({ count, failures, sumMs, minMs, maxMs, buckets }: Sketch): readonly number[] => [
  ...[count, failures, sumMs, minMs, maxMs],
  ...buckets.flatMap(([bucket, times], at) => [bucket - (buckets[at - 1]?.[0] ?? 0), times]),
];

const fromRow = (row: SketchRow): Measurements => ({
  id: row.id,
  from: Number(row.from_at),
  until: Number(row.until_at),
  sketches: fromBody(row.body),
});

/** Without what can't be read: one row that somebody has spoilt must not hide all the others. */
const fromBody = (text: string): readonly MeasuredSketch[] => {
  const body = readJson(text);
  return SKETCHED_KINDS.flatMap((kind) =>
    Object.entries(recordOf(recordOf(body)[kind])).flatMap(([name, numbers]) =>
      Array.isArray(numbers) ? measuredOf(kind, name, numbers) : [],
    ),
  );
};

const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (typeof value === 'object' && value !== null ? { ...value } : {});

const measuredOf = (kind: SketchedKind, name: string, numbers: readonly number[]): readonly MeasuredSketch[] => {
  const [count = 0, failures = 0, sumMs = 0, minMs = 0, maxMs = 0, ...steps] = numbers;
  const buckets: [number, number][] = [];
  for (let at = 0, bucket = 0; at < steps.length; at += 2) {
    bucket += steps[at] ?? 0;
    buckets.push([bucket, steps[at + 1] ?? 0]);
  }
  const sketch = { count, failures, sumMs, minMs, maxMs, buckets };
  return isSketch(sketch) ? [{ kind, name, sketch }] : [];
};
