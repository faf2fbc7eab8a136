import { type Dialect, toWellFormedJson } from '../stores/sql.ts';
import type { SqliteTransaction } from './job-transaction.ts';

/** What SQLite says in its own way. One writer has the database to itself: nothing is ever locked beyond that. */
export const sqliteDialect: Dialect<SqliteTransaction> = {
  rows: (name, columns) => {
    const parts = Object.keys(columns).map((column) => `value ->> '${column}' AS "${column}"`);
    return `(SELECT key AS ordinal, ${parts.join(', ')} FROM json_each(?)) AS ${name}`;
  },
  oneOf: (column) => `${column} IN (SELECT value FROM json_each(?))`,
  jsonArray: (column, order) => `json_group_array(${column} ORDER BY ${order})`,
  using: (index) => ` INDEXED BY ${index}`,
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
