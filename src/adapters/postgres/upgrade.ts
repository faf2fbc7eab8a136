import { MAX_LISTED_PROCESSES, type PendingMigration, type RegisteredProcess } from '../../domain/index.ts';
import { described, pendingAmong } from '../sql/migrations.ts';
import { makeProcessRegister } from '../sql/process-register.ts';
import { askPostgres } from './ask.ts';
import { postgresDialect } from './dialect.ts';
import { toPortError } from './errors.ts';
import { doneMigrations } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { placeOf } from './place.ts';
import type { Reach } from './reach.ts';
import { makeStatements } from './statements.ts';

/** What a start of this version would find in a database. */
export interface PostgresUpgrade {
  /** Whether Kept has made no tables in it yet. */
  readonly isNew: boolean;
  readonly pending: readonly PendingMigration[];
  readonly bytes: number;
  /** All that have registered in it; none where it is older than the register. */
  readonly processes: readonly RegisteredProcess[];
  /** The time by which they are registered: the server's. */
  readonly at: number;
}

const STATE = `SELECT pg_database_size(current_database()) AS bytes, to_regclass('processes') IS NOT NULL AS has_register,
  floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS at`;

/**
 * Looks at a database over one connection, and changes nothing. Rejects with PortError where it can't be reached, and
 * with `invalid-request` where a newer version of Kept has written to it, and this one can't use it. Ends the
 * connection once `signal` aborts.
 */
export const lookAtPostgresUpgrade = async (reach: Reach, timeoutMs: number, signal: AbortSignal): Promise<PostgresUpgrade> => {
  const place = placeOf(reach.url);
  try {
    return await askPostgres(reach, { name: 'kept-upgrade', timeoutMs, signal }, async (client) => {
      const statements = makeStatements();
      const read = async <Row>(sql: string, params: Parameters<typeof statements.prepare>[1] = []) =>
        (await client.query(statements.prepare(sql, params))).rows as readonly Row[];
      const done = await doneMigrations(client);
      const [state] = await read<{ readonly bytes: number; readonly has_register: boolean; readonly at: number }>(STATE);
      const register = makeProcessRegister({ dialect: postgresDialect, read, write: readsOnly, rowLock: '' });
      return {
        isNew: done.length === 0,
        pending: described(pendingAmong(MIGRATIONS, done, place), done),
        bytes: state?.bytes ?? 0,
        processes: state?.has_register ? await register.list({ limit: MAX_LISTED_PROCESSES }) : [],
        at: state?.at ?? 0,
      };
    });
  } catch (error) {
    throw toPortError(error, place);
  }
};

const readsOnly = (): never => {
  throw new Error('this only looks');
};
