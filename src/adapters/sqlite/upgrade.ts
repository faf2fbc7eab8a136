import { existsSync } from 'node:fs';
import type { PendingMigration } from '../../domain/index.ts';
import { described, pendingAmong } from '../sql/migrations.ts';
import { sizeOf } from './files.ts';
import { lookAt } from './look.ts';
import { doneMigrations } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { type Registered, registeredIn } from './registered.ts';

/** What a start of this version would find in a database. */
export interface SqliteUpgrade extends Registered {
  /** Whether Kept has made no tables in it yet. */
  readonly isNew: boolean;
  readonly pending: readonly PendingMigration[];
  readonly bytes: number;
}

/**
 * Looks at a database, and changes nothing in it. Undefined where there is none yet. Rejects with PortError where it
 * can't be read, and with `invalid-request` where a newer version of Kept has written to it, and this one can't use it.
 */
export const lookAtSqliteUpgrade = async (path: string): Promise<SqliteUpgrade | undefined> => {
  if (!existsSync(path)) return undefined;
  return lookAt(path, undefined, async ({ query }) => {
    const done = await doneMigrations({ query });
    return {
      isNew: done.length === 0,
      pending: described(pendingAmong(MIGRATIONS, done, path), done),
      bytes: sizeOf(path) + sizeOf(`${path}-wal`),
      ...(await registeredIn(query)),
    };
  });
};
