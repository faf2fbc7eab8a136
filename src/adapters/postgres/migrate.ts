import { type EngineNotices, PortError } from '../../ports/index.ts';
import type { Connection } from './connection.ts';
import { toPortError } from './errors.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/index.ts';

/** The advisory lock for processes that start together. Any number that nobody else uses will do. */
const LOCK = 'hashtextextended($1, 0)';
const LOCK_NAME = 'kept:migrations';

/**
 * Brings the tables up to date in one transaction. If several processes start together, one of them migrates, and the
 * others find the work done. Rejects with PortError `invalid-request` if a newer version of Kept has written to this
 * database.
 */
export const migrate = async (connection: Connection, notice?: EngineNotices): Promise<void> => {
  const { place, dataSource } = connection;
  const runner = dataSource.createQueryRunner();
  try {
    if ((await pendingMigrations(connection)).length === 0) return;
    await runner.query(`SELECT pg_advisory_lock(${LOCK})`, [LOCK_NAME]);
    try {
      const pending = await pendingMigrations(connection);
      await dataSource.runMigrations();
      if (pending.length > 0) notice?.('database-migrated', { database: place, migrations: pending });
    } finally {
      await runner.query(`SELECT pg_advisory_unlock(${LOCK})`, [LOCK_NAME]);
    }
  } catch (error) {
    throw toPortError(error, place);
  } finally {
    await runner.release();
  }
};

/**
 * Rejects with PortError `invalid-request` if the tables are missing or out of date, or if a newer version of Kept has
 * written to this database.
 */
export const requireUpToDate = async (connection: Connection): Promise<void> => {
  const { place } = connection;
  let pending: readonly string[];
  try {
    pending = await pendingMigrations(connection);
  } catch (error) {
    throw toPortError(error, place);
  }
  if (pending.length > 0)
    throw new PortError(
      'invalid-request',
      pending.length === MIGRATIONS.length
        ? `there is no data in ${place} yet: start Kept first, or check DATABASE_URL`
        : `${place} was written by an older version of Kept; the next start of Kept brings it up to date`,
      { retryable: false },
    );
};

const pendingMigrations = async ({ pool, place }: Connection): Promise<readonly string[]> => {
  const { rows: tables } = await pool.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [MIGRATIONS_TABLE]);
  if (tables.length === 0) return missingFrom([], place);
  const { rows } = await pool.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE}`);
  return missingFrom(rows, place);
};

/** The known migrations beyond those that were run. Throws PortError where others were run. */
export const missingFrom = (rows: readonly { readonly name: string }[], place: string): readonly string[] => {
  const known = MIGRATIONS.map(({ name }) => name);
  const done = new Set(rows.map(({ name }) => name));
  const foreign = [...done].filter((name) => !known.includes(name));
  if (foreign.length > 0)
    throw new PortError(
      'invalid-request',
      `${place} was written by a newer version of Kept (its tables have ${foreign.join(', ')}); install that version, or restore a backup from before it`,
      { retryable: false },
    );
  return known.filter((name) => !done.has(name));
};
