import { existsSync } from 'node:fs';
import { MAX_LISTED_PROCESSES, type PendingMigration, type RegisteredProcess } from '../../domain/index.ts';
import { described, pendingAmong } from '../sql/migrations.ts';
import { makeProcessRegister } from '../sql/process-register.ts';
import { openReader } from './connection.ts';
import { sqliteDialect } from './dialect.ts';
import { sizeOf } from './files.ts';
import { doneMigrations } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** What a start of this version would find in a database. */
export interface SqliteUpgrade {
  /** Whether Kept has made no tables in it yet. */
  readonly isNew: boolean;
  readonly pending: readonly PendingMigration[];
  readonly bytes: number;
  /** All that have registered in it; none where it is older than the register. */
  readonly processes: readonly RegisteredProcess[];
  /** The time by which they are registered. */
  readonly at: number;
}

/**
 * Looks at a database, and changes nothing in it. Undefined where there is none yet. Rejects with PortError where it
 * can't be read, and with `invalid-request` where a newer version of Kept has written to it, and this one can't use it.
 */
export const lookAtSqliteUpgrade = async (path: string): Promise<SqliteUpgrade | undefined> => {
  if (!existsSync(path)) return undefined;
  const reader = await openReader(path);
  try {
    const done = await doneMigrations(reader);
    const [register] = await reader.query("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'processes'");
    const read = { dialect: sqliteDialect, read: reader.query, write: readsOnly, rowLock: '' };
    return {
      isNew: done.length === 0,
      pending: described(pendingAmong(MIGRATIONS, done, path), done),
      bytes: sizeOf(path) + sizeOf(`${path}-wal`),
      processes: register ? await makeProcessRegister(read).list({ limit: MAX_LISTED_PROCESSES }) : [],
      at: Date.now(),
    };
  } finally {
    await reader.close();
  }
};

const readsOnly = (): never => {
  throw new Error('this only looks');
};
