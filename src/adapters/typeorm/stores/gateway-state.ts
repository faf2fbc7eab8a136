import type { GatewayState } from '../../../ports/index.ts';
import { type Sql, toJson } from './sql.ts';

const SET = `INSERT INTO gateway_state (gateway, key, value) SELECT ?, value ->> 0, value ->> 1 FROM json_each(?) WHERE true
  ON CONFLICT (gateway, key) DO UPDATE SET value = excluded.value`;
const DELETE = 'DELETE FROM gateway_state WHERE gateway = ? AND key IN (SELECT value FROM json_each(?))';
/** By bytes, so that the primary key is sought: what follows a prefix comes before the prefix with the last of all characters. */
const LIST = 'SELECT key, value FROM gateway_state WHERE gateway = ? AND key >= ? AND key < ? || char(1114111) ORDER BY key';

/** One gateway's own state in SQLite. */
export const makeGatewayState = (sql: Sql, gateway: string): GatewayState => ({
  get: async (key) =>
    (await sql.read<{ value: string }>('SELECT value FROM gateway_state WHERE gateway = ? AND key = ?', [gateway, key]))[0]?.value,
  set: (entries) =>
    sql.write(async ({ query }) => {
      const all = [...entries];
      const deleted = all.flatMap(([key, value]) => (value === undefined ? [key] : []));
      const stored = all.filter(([, value]) => value !== undefined);
      if (deleted.length > 0) await query(DELETE, [gateway, toJson(deleted)]);
      if (stored.length > 0) await query(SET, [gateway, toJson(stored)]);
    }),
  list: async (prefix) => {
    const rows = await sql.read<{ key: string; value: string }>(LIST, [gateway, prefix, prefix]);
    return new Map(rows.map(({ key, value }) => [key, value]));
  },
});
