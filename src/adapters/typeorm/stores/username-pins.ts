import type { UserId } from '../../../domain/index.ts';
import type { UsernamePins } from '../../../ports/index.ts';
import type { Sql } from './sql.ts';

/** To whom usernames belong, in SQLite, over the database itself or over one transaction. */
export const makeUsernamePins = (sql: Sql): UsernamePins => ({
  pinned: async (username) => {
    const [pin] = await sql.read<{ user_id: number }>('SELECT user_id FROM username_pins WHERE username = ?', [username]);
    return pin?.user_id as UserId | undefined;
  },
  pin: (username, userId) =>
    sql.write(async ({ query }) => {
      await query('INSERT INTO username_pins (username, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING', [username, userId]);
    }),
});
