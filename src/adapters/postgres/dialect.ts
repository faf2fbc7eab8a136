import { type Dialect, mapTexts, toWellFormedJson } from '../sql/sql.ts';
import { fullText } from './full-text.ts';
import type { PostgresTransaction } from './sql.ts';
import { withoutNul } from './statements.ts';

const TYPES = { integer: 'bigint', text: 'text' } as const;

const toJson = (value: unknown): string => {
  const json = toWellFormedJson(value);
  return json.includes('\\u0000') ? mapTexts(json, withoutNul) : json;
};

const overRows: Dialect['overRows'] = (name, columns, build) => {
  const names = Object.keys(columns).map((column) => `"${column}"`);
  const typed = Object.entries(columns).map(([column, type]) => `"${column}" ${TYPES[type]}`);
  const rows = `ROWS FROM (json_to_recordset(?::json) AS (${typed.join(', ')})) WITH ORDINALITY AS ${name} (${names.join(', ')}, ordinal)`;
  return { columns, sql: build(rows) };
};

/** SQL as PostgreSQL writes it. */
export const postgresDialect: Dialect<PostgresTransaction> = {
  overRows,
  updateOver: (table, keys, columns, also, end = '') => {
    const set = [...Object.keys(columns).map((name) => `${name} = changed.${name}`), also].join(', ');
    const found = Object.keys(keys).map((name) => `${table}.${name} = changed.${name}`);
    return overRows(
      'changed',
      { ...columns, ...keys },
      (rows) => `UPDATE ${table} SET ${set} FROM ${rows} WHERE ${found.join(' AND ')}${end}`,
    );
  },
  runOver: (query, { sql }, rows) => query(sql, [toJson(rows)]),
  oneOf: (column, type) => `${column} = ANY (ARRAY(SELECT json_array_elements_text(?::json)::${TYPES[type]}))`,
  // With IN, the planner may choose a semi-join, which reads the whole table in the order of its numbers.
  among: (column, query) => `${column} = ANY (ARRAY(${query}))`,
  jsonArray: (column, order) => `coalesce(json_agg(${column} ORDER BY ${order})::text, '[]')`,
  without: (column, ...paths) => `(${column}::jsonb ${paths.map((path) => `#- '{${path.join(',')}}'`).join(' ')})::text`,
  triggersOf: `SELECT tgname AS name FROM pg_trigger WHERE tgrelid = to_regclass(?) AND tgenabled IN ('O', 'A')`,
  using: () => '',
  fullText,
  json: toJson,
  rowLocks: { exclusive: ' FOR NO KEY UPDATE', shared: ' FOR SHARE' },
  lock: async ({ query }, name) => {
    await query('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`kept:${name}`]);
  },
  // Sequences take no part in transactions.
  reserve: async (sql, kind, count) => {
    const numbers = `SELECT nextval('${kind}_numbers') AS number FROM generate_series(1, ?::bigint)`;
    return (await sql.read<{ number: number }>(numbers, [count])).map(({ number }) => number);
  },
};
