import { type EngineNotices, PortError } from '../../ports/index.ts';
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
import { attempting, retry } from '../sql/retry.ts';
import type { Query } from '../sql/sql.ts';
import type { Connection } from './connection.ts';
import { isContended, toPortError } from './errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { registeredIn } from './registered.ts';
import { numbered } from './statements.ts';

/** The advisory lock for processes that start together. Any number that nobody else uses will do. */
const LOCK = `SELECT pg_advisory_xact_lock(hashtextextended('kept:migrations', 0))`;
/**
 * How long a change of a table waits for those who use it: whoever comes meanwhile waits behind it. After that it lets
 * them pass, and tries again.
 */
const WAIT_FOR_TABLES = "SET LOCAL lock_timeout = '1s'";
/** Of the table of migrations. */
export const ID_COLUMN = 'id SERIAL PRIMARY KEY';
const CONTENTION = { patienceMs: 60_000, pauseMs: () => 250 + Math.random() * 500 };

/**
 * Brings the tables up to date in one transaction: all of it, or nothing. If several processes start together, one of
 * them migrates, and the others find the work done. Processes of the version before may run meanwhile. Rejects with
 * PortError `invalid-request` if a newer version of Kept has written to this database in a way that this one can't work
 * with, or if processes run that can't work with its tables, and `unavailable` where others hold them for a minute.
 */
export const migrate = async (
  connection: Connection,
  { notice, version }: { readonly notice?: EngineNotices | undefined; readonly version?: string | undefined },
): Promise<void> => {
  const { place, pool } = connection;
  try {
    if ((await pendingMigrations(pool, place)).length === 0) return;
    const attempt = attempting(() => migrateOnce(connection, version), isContended);
    const ran = await retry(attempt, CONTENTION);
    if (ran.length > 0) notice?.('database-migrated', { database: place, migrations: ran.map(({ name }) => name) });
  } catch (error) {
    throw toPortError(error, place);
  }
};

const migrateOnce = async ({ dataSource, place }: Connection, version: string | undefined): Promise<readonly Migration[]> => {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query(LOCK);
    await runner.query(WAIT_FOR_TABLES);
    const read: Query = (sql, params = []) => runner.query(numbered(sql), [...params]);
    const done = await doneMigrations({ query: async (sql) => ({ rows: await runner.query(sql) }) });
    const pending = pendingAmong(MIGRATIONS, done, place);
    requireNobodyLeftBehind(pending, done, await registeredIn(read), place);
    await runMigrations({
      pending,
      runner,
      parameter: (number) => `$${number}`,
      idColumn: ID_COLUMN,
      version,
      place,
      toPortError,
    });
    await runner.commitTransaction();
    return pending;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw toPortError(error, place);
  } finally {
    await runner.release();
  }
};

/**
 * Rejects with PortError `invalid-request` if the tables are missing or out of date, or if a newer version of Kept has
 * written to this database in a way that this one can't work with.
 */
export const requireUpToDate = async ({ place, pool }: Connection): Promise<void> => {
  let pending: readonly Migration[];
  try {
    pending = await pendingMigrations(pool, place);
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

const pendingMigrations = async (database: Askable, place: string): Promise<readonly Migration[]> =>
  pendingAmong(MIGRATIONS, await doneMigrations(database), place);

/** What a statement without parameters can be asked of. */
export interface Askable {
  query(sql: string): Promise<{ readonly rows: readonly unknown[] }>;
}

/** The migrations that were run. */
export const doneMigrations = async (database: Askable): Promise<readonly DoneMigration[]> => {
  const { rows } = await database.query(
    `SELECT to_regclass('${MIGRATIONS_TABLE}') IS NOT NULL AS has_names, to_regclass('${PHASES_TABLE}') IS NOT NULL AS has_phases`,
  );
  const [has] = rows as readonly { readonly has_names: boolean; readonly has_phases: boolean }[];
  if (!has?.has_names) return [];
  return (await database.query(has.has_phases ? SELECT_DONE : SELECT_NAMES)).rows as readonly DoneMigration[];
};
