import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { GatewayState, LocalTranscript, Logger, PromiseStore, Stores, UnitOfWork } from '../../../ports/index.ts';
import { makeConversationStore } from '../stores/conversation-store.ts';
import { makeGatewayState } from '../stores/gateway-state.ts';
import { makeLocalTranscript } from '../stores/local-transcript.ts';
import { makeMessageStore } from '../stores/message-store.ts';
import { makeOutboxStore } from '../stores/outbox-store.ts';
import { makePromiseStore } from '../stores/promise-store.ts';
import { type Sql, type Transaction, within } from '../stores/sql.ts';
import { makeTurnStore } from '../stores/turn-store.ts';
import { makeUsernamePins } from '../stores/username-pins.ts';
import { openReader, openWriter } from './connection.ts';
import { toPortError } from './errors.ts';
import { makeGroupWriter } from './group-writer.ts';
import { migrate } from './migrate.ts';

export interface SqliteStorage {
  /** Each call commits alone; reads see what is committed, by any process. */
  readonly stores: Stores;
  readonly unitOfWork: UnitOfWork;
  readonly transcript: LocalTranscript;
  gatewayState(gateway: string): GatewayState;
  /** The database beneath, for a queue and a change feed on the same tables: both group-commit with everything else. */
  readonly sql: Sql;
  /** The promises as one transaction sees them. */
  promisesIn(transaction: Transaction): PromiseStore;
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
    const writer = makeGroupWriter(writing);
    const sql: Sql = { read: reading.query, write: writer.write };
    return {
      stores: storesOver(sql),
      unitOfWork: { run: (work) => writer.write((transaction) => work(storesOver(within(transaction)))) },
      transcript: makeLocalTranscript(sql),
      gatewayState: (gateway) => makeGatewayState(sql, gateway),
      sql,
      promisesIn: (transaction) => makePromiseStore(within(transaction)),
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

const storesOver = (sql: Sql): Stores => ({
  messages: makeMessageStore(sql),
  conversations: makeConversationStore(sql),
  turns: makeTurnStore(sql),
  outbox: makeOutboxStore(sql),
  promises: makePromiseStore(sql),
  usernames: makeUsernamePins(sql),
});

/** SQLite gives its `-wal` and `-shm` files the database's mode. An existing file is never opened here: closing it would drop SQLite's locks. */
const createPrivately = async (path: string): Promise<void> => {
  try {
    await mkdir(dirname(path), { recursive: true });
    await (await open(path, 'ax', 0o600)).close();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw toPortError(error, path);
  }
};
