import { utimesSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { requireNode } from '../../domain/shared/node-version.ts';
import {
  type EngineNotices,
  type KeyValueState,
  type LocalTranscript,
  type PersonalData,
  PortError,
  reasonOf,
  type Stores,
  type UnitOfWork,
} from '../../ports/index.ts';
import { makeKeyValueState } from '../sql/key-value-state.ts';
import { makeLocalTranscript } from '../sql/local-transcript.ts';
import { makePersonalData } from '../sql/personal-data.ts';
import { makePromiseStore, type StoredPromises } from '../sql/promise-store.ts';
import { type Sql, within } from '../sql/sql.ts';
import { storageId } from '../sql/storage-id.ts';
import { storesOver } from '../sql/stores.ts';
import { makeCheckpoints } from './checkpoints.ts';
import { openReader, openWriter, whenUnlocked } from './connection.ts';
import { sqliteDialect } from './dialect.ts';
import { toPortError } from './errors.ts';
import { emptied, makePlaceCheck, requireDatabaseFile, requireOwnTables, requireSound, sizeOf, whatToDo } from './files.ts';
import { makeGroupWriter } from './group-writer.ts';
import { giveId, isMarked, lossOf, type Mark, makeMarker, readMark, stateOf } from './mark.ts';
import { migrate, requireUpToDate } from './migrate.ts';
import { deleteSecurely, scrub } from './scrub.ts';
import type { SqliteTransaction } from './unit-transaction.ts';

export interface SqliteStorage {
  /** `SQLite in <path>` */
  readonly name: string;
  /** Made with the database. */
  readonly id: string;
  /** Each call commits alone. Reads see what any process has committed. */
  readonly stores: Stores;
  readonly unitOfWork: UnitOfWork;
  readonly transcript: LocalTranscript;
  readonly personalData: PersonalData;
  state(owner: string): KeyValueState;
  /**
   * The database itself, for a queue and a change feed on the same tables: they share commits with all other writes.
   */
  readonly sql: Sql<SqliteTransaction>;
  /** The promises as one transaction sees them. */
  promisesIn(transaction: SqliteTransaction): StoredPromises;
  /** Refuses new work, lets what has begun commit, and closes the file. */
  close(): Promise<void>;
}

export interface SqliteStorageOptions {
  readonly path: string;
  readonly notice?: EngineNotices;
  /** The version of Kept that opens it: the database keeps which one has changed its tables. */
  readonly version?: string;
  /** The database must exist, with tables that are up to date. Nothing is created or changed. */
  readonly asItIs?: boolean;
}

/**
 * Opens the database at `path`, creates it with mode 600 if it is missing, and brings its tables up to date. Any number
 * of processes may open it at the same moment. Rejects with PortError: `unavailable` (it can't be opened, or stays
 * locked for half a minute), `storage-corrupt` (it is damaged, or holds less than it held), `storage-full`,
 * `invalid-request` (a newer version or another program has written it; with `asItIs`, also an older version), and,
 * with `asItIs`, `not-found`.
 */
export const openSqliteStorage = async ({ path, notice, version, asItIs = false }: SqliteStorageOptions): Promise<SqliteStorage> => {
  requireNode(process.versions.node);
  // The mark is read first: SQLite drops the WAL of an empty file when it opens it, and other processes may be writing.
  const mark = readMark(path);
  if (isMarked(path) && sizeOf(path) === 0) throw emptied(path);
  if (asItIs) requireDatabaseFile(path);
  await createPrivately(path);
  await requireReadable(path, mark);
  const writing = await openWriter(path);
  try {
    if (asItIs) await requireUpToDate(writing);
    else {
      await migrate(writing, { notice, version });
      await whenUnlocked(() => giveId(writing.query));
    }
    const id = await whenUnlocked(() => storageId(writing.query, { asItIs }));
    const reading = await openReader(path);
    // A process that only reads makes no file.
    const marker = asItIs && !mark ? undefined : makeMarker(path, reading.query, notice);
    if (!asItIs) marker?.committed();
    const keeper = makeCheckpoints(writing, notice);
    const writer = makeGroupWriter(writing, {
      beforeEach: makePlaceCheck(path),
      onCommit: () => {
        touch(`${path}-wal`, notice);
        marker?.committed();
        keeper.committed();
      },
    });
    const sql: Sql<SqliteTransaction> = { dialect: sqliteDialect, read: reading.query, write: writer.write, rowLock: '' };
    return {
      name: `SQLite in ${path}`,
      id,
      stores: storesOver(sql),
      unitOfWork: { run: (work) => writer.write((transaction) => work(storesOver(within(sqliteDialect, transaction)))) },
      transcript: makeLocalTranscript(sql),
      personalData: makePersonalData(sql, {
        prepare: () => deleteSecurely(writing),
        scrub: async () => {
          await scrub(writing, sql);
          return [];
        },
      }),
      state: (gateway) => makeKeyValueState(sql, gateway),
      sql,
      promisesIn: (transaction) => makePromiseStore(within(sqliteDialect, transaction)),
      close: async () => {
        keeper.close();
        await writer.close();
        await marker?.close();
        await reading.close();
        await writing.close();
      },
    };
  } catch (error) {
    await writing.close();
    throw toPortError(error, path);
  }
};

/** Checks an existing file without changing it: it must be a sound database of Kept's, and hold what it held. */
const requireReadable = async (path: string, mark: Mark | undefined): Promise<void> => {
  if (sizeOf(path) === 0) return;
  const reading = await openReader(path);
  try {
    await requireOwnTables(reading.query, path);
    const loss = lossOf(path, mark, await stateOf(reading.query));
    if (loss !== undefined) throw new PortError('storage-corrupt', `${loss}. ${whatToDo(path)}`, { retryable: false });
    await requireSound(reading.query, path);
  } finally {
    await reading.close();
  }
};

/** Wakes the change feeds of all processes: the commit can be seen now. */
const touch = (path: string, notice?: EngineNotices): void => {
  const now = Date.now() / 1_000;
  try {
    utimesSync(path, now, now);
  } catch (error) {
    notice?.('change-not-announced', { reason: reasonOf(error) });
  }
};

/**
 * Creates the database file; SQLite gives its `-wal` and `-shm` files the same mode. An existing file is not opened
 * here, because closing it would drop SQLite's locks.
 */
const createPrivately = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, 'ax', 0o600)).close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw toPortError(error, path);
  }
};
