import type { PendingMigration } from '../../domain/index.ts';
import { described, pendingAmong } from '../sql/migrations.ts';
import { askPostgres } from './ask.ts';
import { toPortError } from './errors.ts';
import { doneMigrations } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { placeOf } from './place.ts';
import type { Reach } from './reach.ts';

/** What a database says of itself. */
export interface PostgresState {
  /** Whether Kept has made no tables in it yet. */
  readonly isNew: boolean;
  /** Migrations that are still to run; all of them where there are no tables. */
  readonly pending: readonly PendingMigration[];
  /** `on`, `off` …, by name. */
  readonly settings: Readonly<Record<PostgresSetting, string>>;
}

type PostgresSetting = (typeof SETTINGS)[number];
/** What a commit that is told as stored depends on. */
const SETTINGS = ['server_version', 'fsync', 'full_page_writes', 'synchronous_commit'] as const;

/**
 * Looks at a database over one connection, and changes nothing. Rejects with PortError where it can't be reached, and
 * with `invalid-request` where a newer version of Kept has written to it. Ends the connection once `signal` aborts.
 */
export const inspectPostgres = async (reach: Reach, timeoutMs: number, signal: AbortSignal): Promise<PostgresState> => {
  try {
    return await askPostgres(reach, { name: 'kept-doctor', timeoutMs, signal }, async (client) => {
      const done = await doneMigrations(client);
      const { rows } = await client.query<{ name: PostgresSetting; setting: string }>(
        'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
        [[...SETTINGS]],
      );
      const settings = Object.fromEntries(rows.map(({ name, setting }) => [name, setting])) as Record<PostgresSetting, string>;
      const pending = described(pendingAmong(MIGRATIONS, done, placeOf(reach.url)), done);
      return { isNew: done.length === 0, pending, settings };
    });
  } catch (error) {
    throw toPortError(error, placeOf(reach.url));
  }
};
