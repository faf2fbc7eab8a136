import { existsSync } from 'node:fs';
import type { PendingMigration } from '../../domain/index.ts';
import { described, pendingAmong } from '../sql/migrations.ts';
import { type Connection, openWriter, READER_WAIT_MS } from './connection.ts';
import { lookAt } from './look.ts';
import { doneMigrations } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** What a database file says of itself, and how Kept works with it. */
export interface SqliteState {
  /** Whether Kept has made no tables in it yet. */
  readonly isNew: boolean;
  /** Migrations that are still to run. */
  readonly pending: readonly PendingMigration[];
  /** `wal` as Kept wants it; the file keeps it. */
  readonly journalMode: string;
  /** Of the connection that writes; absent where the journal is not as it should be, and none was opened. */
  readonly writer?: { readonly synchronous: number; readonly foreignKeys: boolean };
  /** How long the readers of Kept wait for a lock. */
  readonly readerWaitMs: number;
}

/** A look waits no longer for a lock: the whole process waits with it. */
const LOOK_WAIT_MS = 200;

/**
 * Looks at a database, and changes nothing in it. Undefined where there is none yet. Rejects with PortError where it
 * can't be read, and with `invalid-request` where a newer version of Kept has written to it.
 */
export const inspectSqlite = async (path: string): Promise<SqliteState | undefined> => {
  if (!existsSync(path)) return undefined;
  return lookAt(path, LOOK_WAIT_MS, async (reader) => {
    const done = await doneMigrations(reader);
    const pending = described(pendingAmong(MIGRATIONS, done, path), done);
    const isNew = done.length === 0;
    const journalMode = String(await pragma(reader, 'journal_mode'));
    if (journalMode !== 'wal') return { isNew, pending, journalMode, readerWaitMs: READER_WAIT_MS };
    const writer = await using(openWriter(path), async (connection) => ({
      synchronous: Number(await pragma(connection, 'synchronous')),
      foreignKeys: Number(await pragma(connection, 'foreign_keys')) === 1,
    }));
    return { isNew, pending, journalMode, readerWaitMs: READER_WAIT_MS, writer };
  });
};

/** Gives a database the journal that Kept wants. Nobody else may have it open. */
export const setSqliteWal = (path: string): Promise<void> => using(openWriter(path), async () => undefined);

const using = async <T>(opening: Promise<Connection>, look: (connection: Connection) => Promise<T>): Promise<T> => {
  const connection = await opening;
  try {
    return await look(connection);
  } finally {
    await connection.close();
  }
};

const pragma = async ({ query }: Connection, name: string): Promise<unknown> => {
  const [row = {}] = await query<Readonly<Record<string, unknown>>>(`PRAGMA ${name}`);
  return Object.values(row)[0];
};
