import type { EngineNotices } from '../../ports/index.ts';
import { PortError } from '../../ports/index.ts';
import {
  type DoneMigration,
  MIGRATIONS_TABLE,
  type Migration,
  PHASES_TABLE,
  pendingAmong,
  requireNobodyLeftBehind,
  runMigrations,
  SELECT_DONE,
  SELECT_NAMES,
} from '../sql/migrations.ts';
import { type Connection, whenUnlocked } from './connection.ts';
import { toPortError } from './errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { registeredIn } from './registered.ts';

/**
 * Brings the tables up to date in one transaction: all of it, or nothing. If several processes start together, one of
 * them migrates, and the others find the work done. Rejects with PortError `invalid-request` if a newer version of Kept
 * has written to this file in a way that this one can't work with, or if processes run that can't work with its tables.
 */
export const migrate = async (
  connection: Connection,
  { notice, version }: { readonly notice?: EngineNotices | undefined; readonly version?: string | undefined },
): Promise<void> => {
  const { path, query, dataSource } = connection;
  if ((await pendingMigrations(connection)).length === 0) return;
  await whenUnlocked(() => query('BEGIN IMMEDIATE'));
  const runner = dataSource.createQueryRunner();
  let pending: readonly Migration[];
  try {
    const done = await doneMigrations(connection);
    pending = pendingAmong(MIGRATIONS, done, path);
    requireNobodyLeftBehind(pending, done, await registeredIn(query), path);
    await runMigrations({
      pending,
      runner,
      parameter: () => '?',
      idColumn: 'id integer PRIMARY KEY AUTOINCREMENT NOT NULL',
      version,
      place: path,
      toPortError,
    });
    await query('COMMIT');
  } catch (error) {
    if (connection.inTransaction()) await query('ROLLBACK');
    throw error;
  } finally {
    await runner.release();
  }
  if (pending.length > 0) notice?.('database-migrated', { path, migrations: pending.map(({ name }) => name) });
};

/**
 * Rejects with PortError `invalid-request` if the tables are out of date, or if a newer version of Kept has written to
 * this file in a way that this one can't work with.
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
const pendingMigrations = async (connection: Connection): Promise<readonly Migration[]> =>
  pendingAmong(MIGRATIONS, await doneMigrations(connection), connection.path);

/** The migrations that were run. */
export const doneMigrations = async ({ query }: Pick<Connection, 'query'>): Promise<readonly DoneMigration[]> => {
  const tables = await query<{ name: string }>(
    `SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('${MIGRATIONS_TABLE}', '${PHASES_TABLE}')`,
  );
  if (!tables.some(({ name }) => name === MIGRATIONS_TABLE)) return [];
  return query<DoneMigration>(tables.length === 2 ? SELECT_DONE : SELECT_NAMES);
};
