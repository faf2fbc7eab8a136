import type { UserId } from '../../domain/index.ts';
import type { UsernamePins } from '../../ports/index.ts';
import type { Sql } from './sql.ts';

/** The owners of usernames, over the database itself or over one transaction. */
export const makeUsernamePins = (sql: Sql): UsernamePins => {
  const find = async (username: string): Promise<UserId | undefined> => {
    const [pin] = await sql.read<{ user_id: string }>('SELECT user_id FROM username_pins WHERE username = ?', [username]);
    return pin?.user_id as UserId | undefined;
  };

  return {
    pinned: async (username) => {
      const userId = await find(username);
      if (userId !== undefined || sql.rowLock === '') return userId;
      // The username seems to be free. Of two units that go on from here in parallel, the second waits here and then
      // sees what the first has pinned.
      await sql.write((transaction) => sql.dialect.lock(transaction, `username:${username}`));
      return find(username);
    },
    pin: (username, userId) =>
      sql.write(async ({ query }) => {
        await query('INSERT INTO username_pins (username, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING', [username, userId]);
      }),
  };
};
