import type { KeyValueState } from '../../ports/index.ts';
import { perDialect, type Sql, texts } from './sql.ts';

const statements = perDialect(({ overRows, oneOf }) => ({
  set: overRows(
    'entry',
    texts('owner', 'key', 'value'),
    (entries) => `INSERT INTO key_values (owner, key, value) SELECT owner, key, value FROM ${entries} WHERE true
      ON CONFLICT (owner, key) DO UPDATE SET value = excluded.value`,
  ),
  remove: `DELETE FROM key_values WHERE owner = ? AND ${oneOf('key', 'text')}`,
}));
/**
 * Compares bytes, so that the primary key is used: a key with the prefix sorts before the prefix followed by the last
 * of all characters.
 */
const LIST = 'SELECT key, value FROM key_values WHERE owner = ? AND key >= ? AND key < ? ORDER BY key';
const LAST_CHARACTER = '\u{10ffff}';

/** The state of one owner. */
export const makeKeyValueState = (sql: Sql, owner: string): KeyValueState => ({
  get: async (key) =>
    (await sql.read<{ value: string }>('SELECT value FROM key_values WHERE owner = ? AND key = ?', [owner, key]))[0]?.value,
  set: (entries) =>
    sql.write(async (transaction) => {
      const { dialect } = sql;
      const { set, remove } = statements(dialect);
      const all = [...entries];
      const deleted = all.flatMap(([key, value]) => (value === undefined ? [key] : []));
      const stored = all.flatMap(([key, value]) => (value === undefined ? [] : [{ owner, key, value }]));
      // Parallel calls are applied whole, whichever keys they share.
      await dialect.lock(transaction, `state:${owner}`);
      if (deleted.length > 0) await transaction.query(remove, [owner, dialect.json(deleted)]);
      if (stored.length > 0) await dialect.runOver(transaction.query, set, stored);
    }),
  list: async (prefix) => {
    const rows = await sql.read<{ key: string; value: string }>(LIST, [owner, prefix, prefix + LAST_CHARACTER]);
    return new Map(rows.map(({ key, value }) => [key, value]));
  },
});
