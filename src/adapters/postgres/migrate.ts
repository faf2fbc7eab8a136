import { type Logger, PortError } from '../../ports/index.ts';
import type { Connection } from './connection.ts';
import { toPortError } from './errors.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/index.ts';

/** What processes that start together wait for, one after the other; any number will do that nobody else uses. */
const LOCK = 'hashtextextended($1, 0)';
const LOCK_NAME = 'kept:migrations';

/**
 * Brings the tables up to date, in one transaction: of processes that start together, one does it and the others find
 * it done. Rejects with PortError `invalid-request` when a newer version has been at work on this database.
 */
export const migrate = async (connection: Connection, logger?: Logger): Promise<void> => {
  const { place, dataSource } = connection;
  const runner = dataSource.createQueryRunner();
  try {
    if ((await pendingMigrations(connection)).length === 0) return;
    await runner.query(`SELECT pg_advisory_lock(${LOCK})`, [LOCK_NAME]);
    try {
      const pending = await pendingMigrations(connection);
      await dataSource.runMigrations();
      if (pending.length > 0) logger?.info({ database: place, migrations: pending }, 'brought the database up to date');
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
 * Rejects with PortError `invalid-request` where a start of Kept has yet to make the tables or bring them up to date,
 * or a newer version has been at work.
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
        : `${place} is of an older version of Kept: its next start brings it up to date`,
      { retryable: false },
    );
};

const pendingMigrations = async ({ pool, place }: Connection): Promise<readonly string[]> => {
  const known = MIGRATIONS.map(({ name }) => name);
  const { rows: tables } = await pool.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [MIGRATIONS_TABLE]);
  if (tables.length === 0) return known;
  const { rows } = await pool.query<{ name: string }>(`SELECT name FROM ${MIGRATIONS_TABLE}`);
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
