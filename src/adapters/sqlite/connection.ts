import Database from 'better-sqlite3-13';
import { DataSource } from 'typeorm';
import { PortError } from '../../ports/index.ts';
import { MIGRATIONS_TABLE } from '../sql/migrations.ts';
import { attempting, retry } from '../sql/retry.ts';
import type { Query, SqlValue } from '../sql/sql.ts';
import { isBusy, toPortError } from './errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { unpeeked } from './unpeeked.ts';

/** One connection to the database, on its own DataSource. */
export interface Connection {
  readonly path: string;
  readonly dataSource: DataSource;
  readonly query: Query;
  inTransaction(): boolean;
  close(): Promise<void>;
}

/** The part of better-sqlite3's `Database` that is used here. */
interface Handle {
  readonly inTransaction: boolean;
  prepare(sql: string): Statement;
  pragma(source: string, options?: { simple: boolean }): unknown;
  close(): void;
}

interface Statement {
  /** Whether the statement returns rows. */
  readonly reader: boolean;
  all(...params: readonly SqlValue[]): unknown[];
  run(...params: readonly SqlValue[]): unknown;
}

/** How long another process may hold the write lock before a write is refused. */
export const LOCK_WAIT_MS = 30_000;

/** How long a reader waits for a lock, unless told. The whole process waits with it. */
export const READER_WAIT_MS = 5_000;

/** Repeats `attempt` while another process holds the lock. The event loop stays free meanwhile. */
export const whenUnlocked = <T>(attempt: () => Promise<T>, waitMs = LOCK_WAIT_MS): Promise<T> =>
  retry(attempting(attempt, isBusy), { patienceMs: waitMs, pauseMs: () => 1 + Math.random() * 4 });

/**
 * The connection that writes. It uses WAL, and every commit is on the disk before it resolves. It never waits for a
 * lock inside SQLite, because that would stop the whole process: `whenUnlocked` waits outside.
 */
export const openWriter = (path: string): Promise<Connection> =>
  open(path, { timeout: 0 }, async (handle) => {
    const mode = await whenUnlocked(async () => {
      try {
        return handle.pragma('journal_mode = WAL', { simple: true });
      } catch (error) {
        throw toPortError(error, path);
      }
    });
    if (mode !== 'wal')
      throw new PortError('unavailable', `${path} is on a file system that SQLite's WAL can't use; keep it on a local disk`, {
        retryable: false,
      });
    handle.pragma('synchronous = FULL');
  });

/**
 * The connection for reads outside of a unit of work: it sees only what is committed. It does wait for locks, because
 * readers are locked out only during SQLite's recovery, which is short.
 */
export const openReader = (path: string, waitMs = READER_WAIT_MS): Promise<Connection> =>
  open(path, { readonly: true, fileMustExist: true, timeout: waitMs });

const open = async (
  path: string,
  options: { readonly timeout: number; readonly readonly?: boolean; readonly fileMustExist?: boolean },
  prepare?: (handle: Handle) => Promise<void>,
): Promise<Connection> => {
  let handle: Handle | undefined;
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: path,
    // Our own copy of the driver; TypeORM would load the one that is installed beside itself.
    driver: Database,
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    logging: false,
    ...options,
    prepareDatabase: (opened: Handle) => {
      handle = opened;
      return prepare?.(opened);
    },
  });
  try {
    await dataSource.initialize();
  } catch (error) {
    handle?.close();
    throw toPortError(error, path);
  }
  if (!handle) throw new PortError('unknown', `${path} was not opened`, { retryable: false });
  return connectionOver(handle, dataSource, path);
};

/** A connection that prepares each statement once: TypeORM would take longer over each than SQLite does. */
const connectionOver = (handle: Handle, dataSource: DataSource, path: string): Connection => {
  const statements = new Map<string, Statement>();
  const statement = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known) return known;
    const prepared = handle.prepare(unpeeked(sql));
    statements.set(sql, prepared);
    return prepared;
  };
  return {
    path,
    dataSource,
    query: async <Row>(sql: string, params: readonly SqlValue[] = []) => {
      try {
        const prepared = statement(sql);
        if (prepared.reader) return prepared.all(...params) as readonly Row[];
        prepared.run(...params);
        return [];
      } catch (error) {
        throw toPortError(error, path);
      }
    },
    inTransaction: () => handle.inTransaction,
    close: () => dataSource.destroy(),
  };
};
