import type { UserId } from '../../domain/index.ts';
import type { UsernamePins } from '../../ports/index.ts';
import type { Sql } from './sql.ts';

/** To whom usernames belong, over the database itself or over one transaction. */
export const makeUsernamePins = (sql: Sql): UsernamePins => {
  const find = async (username: string): Promise<UserId | undefined> => {
    const [pin] = await sql.read<{ user_id: string }>('SELECT user_id FROM username_pins WHERE username = ?', [username]);
    return pin?.user_id as UserId | undefined;
  };

  return {
    pinned: async (username) => {
      const userId = await find(username);
      if (userId !== undefined || sql.held === '') return userId;
      // Nobody's yet, as far as can be seen: of units that go on from here side by side, the second sees what the first
      // has pinned.
      await sql.write((transaction) => sql.dialect.lock(transaction, `username:${username}`));
      return find(username);
    },
    pin: (username, userId) =>
      sql.write(async ({ query }) => {
        await query('INSERT INTO username_pins (username, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING', [username, userId]);
      }),
  };
};
