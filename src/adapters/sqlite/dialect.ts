import { type Columns, type Dialect, type Query, type RowsStatement, type SqlValue, toWellFormedJson, type Values } from '../sql/sql.ts';
import { fullText } from './full-text.ts';
import type { SqliteTransaction } from './unit-transaction.ts';

/** SQL as SQLite writes it. The one writer has the database to itself, so no row locks are needed. */
export const sqliteDialect: Dialect<SqliteTransaction> = {
  overRows: (name, columns, build) => {
    const parts = Object.keys(columns).map((column) => `? AS "${column}"`);
    return { columns, sql: build(`(SELECT 0 AS ordinal, ${parts.join(', ')}) AS ${name}`) };
  },
  updateOver: (table, keys, columns, also, end = '') => {
    const equal = (names: Columns): readonly string[] => Object.keys(names).map((name) => `${name} = ?`);
    const set = [...equal(columns), also].join(', ');
    return { columns: { ...columns, ...keys }, sql: `UPDATE ${table} SET ${set} WHERE ${equal(keys).join(' AND ')}${end}` };
  },
  // Running a statement once more in this process costs less than reading a row out of JSON.
  runOver: async <Row>(query: Query, { sql, columns }: RowsStatement, rows: readonly Values[]) => {
    const names = Object.keys(columns);
    const results: Row[] = [];
    for (const row of rows) {
      const params = names.map((name): SqlValue => row[name] ?? null);
      for (const result of await query<Row>(sql, params)) results.push(result);
    }
    return results;
  },
  oneOf: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  among: (column, query) => `${column} IN (${query})`,
  jsonArray: (column, order) => `json_group_array(${column} ORDER BY ${order})`,
  without: (column, ...paths) => `json_remove(${[column, ...paths.map((path) => `'$.${path.join('.')}'`)].join(', ')})`,
  triggersOf: `SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?`,
  using: (index) => ` INDEXED BY ${index}`,
  fullText,
  json: toWellFormedJson,
  lock: () => Promise.resolve(),
  reserve: (sql, kind, count) =>
    sql.write(async ({ query, keep }) => {
      const take = 'UPDATE counters SET value = value + ? WHERE name = ? RETURNING value';
      const last = Number((await query<{ value: number }>(take, [count, kind]))[0]?.value);
      keep('UPDATE counters SET value = max(value, ?) WHERE name = ?', [last, kind]);
      return Array.from({ length: count }, (_, i) => last - count + 1 + i);
    }),
};
