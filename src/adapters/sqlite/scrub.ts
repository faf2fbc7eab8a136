import { PortError } from '../../ports/index.ts';
import { attempting, retry } from '../sql/retry.ts';
import type { Sql } from '../sql/sql.ts';
import { type Connection, whenUnlocked } from './connection.ts';
import type { SqliteTransaction } from './unit-transaction.ts';

/** How long other processes may keep the WAL from being emptied. */
const PATIENCE_MS = 30_000;

/** What is deleted from now on is overwritten with zeros, also if the process dies before the rest is done. */
export const deleteSecurely = async ({ query }: Connection): Promise<void> => {
  await query('PRAGMA secure_delete = ON');
};

/**
 * Writes the whole database anew and empties the WAL: the files hold nothing of what was deleted, in free pages, in the
 * index of words or in the log. Other processes may use the database; their writes wait while it is written. It needs
 * as much room on the disk as the database takes.
 */
export const scrub = async (connection: Connection, sql: Pick<Sql<SqliteTransaction>, 'write'>): Promise<void> => {
  // The index keeps deleted words until their segments are merged.
  await sql.write(({ query }) => query(`INSERT INTO conversation_words (conversation_words) VALUES ('optimize')`));
  await whenUnlocked(async () => {
    if (connection.inTransaction()) throw busy(connection.path);
    await connection.query('VACUUM');
  });
  await retry(
    attempting(
      async () => {
        const [done] = await connection.query<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
        if (done?.busy !== 0) throw busy(connection.path);
      },
      (error) => error instanceof PortError && error.retryable,
    ),
    { patienceMs: PATIENCE_MS, pauseMs: () => 5 + Math.random() * 10 },
  );
};

const busy = (path: string): PortError =>
  new PortError('unavailable', `${path} is in use: its WAL still holds what was deleted; run the same command again`, { retryable: true });
