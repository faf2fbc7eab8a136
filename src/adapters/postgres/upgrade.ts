import type { PendingMigration } from '../../domain/index.ts';
import { described, pendingAmong } from '../sql/migrations.ts';
import { askPostgres } from './ask.ts';
import { toPortError } from './errors.ts';
import { doneMigrations } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { placeOf } from './place.ts';
import type { Reach } from './reach.ts';
import { type Registered, registeredIn } from './registered.ts';
import { makeStatements } from './statements.ts';

/** What a start of this version would find in a database. */
export interface PostgresUpgrade extends Registered {
  /** Whether Kept has made no tables in it yet. */
  readonly isNew: boolean;
  readonly pending: readonly PendingMigration[];
  readonly bytes: number;
}

const SIZE = 'SELECT pg_database_size(current_database()) AS bytes';

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
      const [size] = await read<{ readonly bytes: number }>(SIZE);
      return {
        isNew: done.length === 0,
        pending: described(pendingAmong(MIGRATIONS, done, place), done),
        bytes: size?.bytes ?? 0,
        ...(await registeredIn(read)),
      };
    });
  } catch (error) {
    throw toPortError(error, place);
  }
};
