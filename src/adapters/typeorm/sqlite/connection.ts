import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3-13';
import { DataSource } from 'typeorm';
import { PortError } from '../../../ports/index.ts';
import type { Query } from '../stores/sql.ts';
import { isBusy, toPortError } from './errors.ts';
import { MIGRATIONS, MIGRATIONS_TABLE } from './migrations/index.ts';

/** One connection to the database, on its own DataSource. */
export interface Connection {
  readonly path: string;
  readonly dataSource: DataSource;
  readonly query: Query;
  inTransaction(): boolean;
  close(): Promise<void>;
}

/** What is used of better-sqlite3's `Database`. */
interface Handle {
  readonly inTransaction: boolean;
  pragma(source: string, options?: { simple: boolean }): unknown;
  close(): void;
}

/** How long another process may hold the write lock before a write is refused. */
export const LOCK_WAIT_MS = 30_000;

/** Resolves to what `attempt` gives, trying again while another process holds the lock. The event loop stays free meanwhile. */
export const whenUnlocked = async <T>(attempt: () => Promise<T>, waitMs = LOCK_WAIT_MS): Promise<T> => {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error;
    }
    await delay(1 + Math.random() * 4);
  }
};

/**
 * The connection that writes: WAL, and every commit on the disk before it resolves. It never waits for a lock inside SQLite,
 * which would stop this whole process: `whenUnlocked` waits outside.
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

/** The connection that reads outside of a unit of work: it sees what is committed and nothing else. It waits for locks: recovery is short. */
export const openReader = (path: string): Promise<Connection> => open(path, { readonly: true, fileMustExist: true, timeout: 5_000 });

const open = async (
  path: string,
  options: { readonly timeout: number; readonly readonly?: boolean; readonly fileMustExist?: boolean },
  prepare?: (handle: Handle) => Promise<void>,
): Promise<Connection> => {
  let handle: Handle | undefined;
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: path,
    // Ours, wherever a package manager has put it: TypeORM would look beside itself.
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
  const runner = dataSource.createQueryRunner();
  return {
    path,
    dataSource,
    query: async <Row>(sql: string, params: readonly (string | number | null)[] = []) => {
      try {
        const rows: unknown = await runner.query(sql, [...params]);
        return Array.isArray(rows) ? (rows as readonly Row[]) : [];
      } catch (error) {
        throw toPortError(error, path);
      }
    },
    inTransaction: () => handle?.inTransaction ?? false,
    close: () => dataSource.destroy(),
  };
};
