import type { EngineNotices } from '../../ports/index.ts';
import { PortError } from '../../ports/index.ts';
import { type Connection, whenUnlocked } from './connection.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/index.ts';

/**
 * Brings the tables up to date in one transaction. If several processes start together, one of them migrates, and the
 * others find the work done. Rejects with PortError `invalid-request` if a newer version of Kept has written to this
 * file.
 */
export const migrate = async (connection: Connection, notice?: EngineNotices): Promise<void> => {
  if ((await pendingMigrations(connection)).length === 0) return;
  await whenUnlocked(() => connection.query('BEGIN IMMEDIATE'));
  try {
    const pending = await pendingMigrations(connection);
    await connection.dataSource.runMigrations({ transaction: 'none' });
    await connection.query('COMMIT');
    if (pending.length > 0) notice?.('database-migrated', { path: connection.path, migrations: pending });
  } catch (error) {
    if (connection.inTransaction()) await connection.query('ROLLBACK');
    throw error;
  }
};

/**
 * Rejects with PortError `invalid-request` if the tables are out of date, or if a newer version of Kept has written to
 * this file.
 */
export const requireUpToDate = async (connection: Connection): Promise<void> => {
  if ((await pendingMigrations(connection)).length > 0)
    throw new PortError(
      'invalid-request',
      `${connection.path} was written by an older version of Kept; the next start of Kept brings it up to date`,
      {
        retryable: false,
      },
    );
};

/** The migrations that are still to run, oldest first. Rejects where a newer version of Kept has written. */
export const pendingMigrations = async ({ query, path }: Connection): Promise<readonly string[]> => {
  const known = MIGRATIONS.map(({ name }) => name);
  const [table] = await query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name = '${MIGRATIONS_TABLE}'`);
  if (!table) return known;
  const done = new Set((await query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE}`)).map(({ name }) => name));
  const foreign = [...done].filter((name) => !known.includes(name));
  if (foreign.length > 0)
    throw new PortError(
      'invalid-request',
      `${path} was written by a newer version of Kept (its tables have ${foreign.join(', ')}); install that version, or restore a backup from before it`,
      { retryable: false },
    );
  return known.filter((name) => !done.has(name));
};
