import { utimesSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  type GatewayState,
  type LocalTranscript,
  type Logger,
  type PromiseStore,
  reasonOf,
  type Stores,
  type UnitOfWork,
} from '../../../ports/index.ts';
import { makeGatewayState } from '../stores/gateway-state.ts';
import { makeLocalTranscript } from '../stores/local-transcript.ts';
import { makePromiseStore } from '../stores/promise-store.ts';
import { type Sql, within } from '../stores/sql.ts';
import { storesOver } from '../stores/stores.ts';
import { openReader, openWriter } from './connection.ts';
import { sqliteDialect } from './dialect.ts';
import { toPortError } from './errors.ts';
import { makeGroupWriter } from './group-writer.ts';
import type { SqliteTransaction } from './job-transaction.ts';
import { migrate } from './migrate.ts';

export interface SqliteStorage {
  /** `SQLite in <path>` */
  readonly name: string;
  /** Each call commits alone; reads see what is committed, by any process. */
  readonly stores: Stores;
  readonly unitOfWork: UnitOfWork;
  readonly transcript: LocalTranscript;
  gatewayState(gateway: string): GatewayState;
  /** The database beneath, for a queue and a change feed on the same tables: both group-commit with everything else. */
  readonly sql: Sql<SqliteTransaction>;
  /** The promises as one transaction sees them. */
  promisesIn(transaction: SqliteTransaction): PromiseStore;
  /** Refuses new work, lets what has begun commit, and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the database at `path`, made with mode 600 when it is missing, and brings its tables up to date. Any number of processes
 * may open it at the same moment. Rejects with PortError: `unavailable` (can't be opened, or locked for half a minute),
 * `storage-corrupt`, `storage-full`, `invalid-request` (written by a newer version).
 */
export const openSqliteStorage = async ({ path, logger }: { readonly path: string; readonly logger?: Logger }): Promise<SqliteStorage> => {
  await createPrivately(path);
  const writing = await openWriter(path);
  try {
    await migrate(writing, logger);
    const reading = await openReader(path);
    const writer = makeGroupWriter(writing, { onCommit: () => touch(`${path}-wal`, logger) });
    const sql: Sql<SqliteTransaction> = { dialect: sqliteDialect, read: reading.query, write: writer.write, held: '' };
    return {
      name: `SQLite in ${path}`,
      stores: storesOver(sql),
      unitOfWork: { run: (work) => writer.write((transaction) => work(storesOver(within(sqliteDialect, transaction)))) },
      transcript: makeLocalTranscript(sql),
      gatewayState: (gateway) => makeGatewayState(sql, gateway),
      sql,
      promisesIn: (transaction) => makePromiseStore(within(sqliteDialect, transaction)),
      close: async () => {
        await writer.close();
        await reading.close();
        await writing.close();
      },
    };
  } catch (error) {
    await writing.close();
    throw toPortError(error, path);
  }
};

/** Whoever watches the file looks for the commit now that it can be seen. */
const touch = (path: string, logger?: Logger): void => {
  const now = Date.now() / 1_000;
  try {
    utimesSync(path, now, now);
  } catch (error) {
    logger?.debug({ reason: reasonOf(error) }, 'a commit could not be told to other processes: they look for themselves');
  }
};

/** SQLite gives its `-wal` and `-shm` files the database's mode. An existing file is never opened here: closing it would drop SQLite's locks. */
const createPrivately = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, 'ax', 0o600)).close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw toPortError(error, path);
  }
};
