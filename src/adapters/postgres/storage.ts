import type { AgentPromise } from '../../domain/index.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import {
  type ChangeFeed,
  type Clock,
  type EngineNotices,
  type KeyValueState,
  type LeaderLease,
  type LocalTranscript,
  type PersonalData,
  type Stores,
  silentEngineNotices,
  type UnitOfWork,
} from '../../ports/index.ts';
import { makeKeyValueState } from '../sql/key-value-state.ts';
import { makeLocalTranscript } from '../sql/local-transcript.ts';
import { makePersonalData } from '../sql/personal-data.ts';
import { type FollowPromises, makePromiseStore, type StoredPromises } from '../sql/promise-store.ts';
import { within } from '../sql/sql.ts';
import { storageId } from '../sql/storage-id.ts';
import { storesOver } from '../sql/stores.ts';
import { makePostgresChangeFeed } from './change-feed.ts';
import { connect } from './connection.ts';
import { postgresDialect } from './dialect.ts';
import { makeLeaderLease } from './leader-lease.ts';
import { migrate, requireUpToDate } from './migrate.ts';
import type { Reach } from './reach.ts';
import { scrub } from './scrub.ts';
import { makeServerTime, type ServerTime } from './server-time.ts';
import type { PostgresSql, PostgresTransaction } from './sql.ts';
import { makeTransactions } from './transactions.ts';

export interface PostgresStorage {
  /** `PostgreSQL at host:port/database` */
  readonly name: string;
  /** Made with the database. */
  readonly id: string;
  /** Each call commits alone. Reads see what any process has committed. */
  readonly stores: Stores;
  readonly unitOfWork: UnitOfWork;
  readonly transcript: LocalTranscript;
  readonly personalData: PersonalData;
  state(owner: string): KeyValueState;
  /** The leader's lease of that name, among all processes on this database. */
  leaderLease(name: string): LeaderLease;
  /** Tells of commits by any process on this database. */
  readonly changes: ChangeFeed;
  /** The database itself, for a queue on the same tables. */
  readonly sql: PostgresSql;
  /** The difference between this process's clock and the server's, which leases go by. */
  readonly serverTime: ServerTime;
  /** The promises as one transaction sees them. The times of their leases are the server's. */
  promisesIn(transaction: PostgresTransaction): StoredPromises;
  /** Refuses new work, lets what has begun commit, and ends every connection. May be called again. */
  close(): Promise<void>;
}

/** What changes together with promises, in the same transactions: the jobs of a queue. */
export interface Dispatch {
  /**
   * Called with the new states of promises that are stored; their `version` is still the one before. If it rejects,
   * everything is rolled back.
   */
  follow(transaction: PostgresTransaction, promises: readonly AgentPromise[]): Promise<void>;
}

/** The most connections of one process, beside the one that listens. Idle connections are closed after ten seconds. */
const POOL_SIZE = 10;

/**
 * Opens the database at `url` (`postgres://user:password@host:port/database`), which must exist, and brings its tables
 * up to date. Any number of processes on any number of machines may open it at the same moment. While PostgreSQL is
 * away for more than two seconds, operations reject with PortError `unavailable`; they work again once it is back.
 * Rejects with PortError: `unavailable`, `unauthorised`, `not-found` (there is no such database), `invalid-request` (a
 * newer version has written it; with `asItIs`, also an older version, or none). No message holds a password.
 */
export const openPostgresStorage = async (
  options: Reach & {
    readonly notice?: EngineNotices;
    /** This process's own clock if absent. */
    readonly clock?: Pick<Clock, 'now'>;
    readonly dispatch?: Dispatch;
    readonly poolSize?: number;
    /** The version of Kept that opens it: the database keeps which one has changed its tables. */
    readonly version?: string;
    /** The tables must exist and be up to date. Nothing is created or changed. */
    readonly asItIs?: boolean;
  },
): Promise<PostgresStorage> => {
  requireNode(process.versions.node);
  const { notice, clock = { now: Date.now }, dispatch, poolSize = POOL_SIZE, version, asItIs = false } = options;
  const connection = await connect(options, poolSize, notice);
  const changes = makePostgresChangeFeed(connection, notice);
  const transactions = makeTransactions(connection, changes.committed);
  let id: string;
  try {
    await (asItIs ? requireUpToDate(connection) : migrate(connection, { notice, version }));
    id = await transactions.write(({ query }) => storageId(query, { asItIs }), { quiet: true });
  } catch (error) {
    await connection.dataSource.destroy();
    throw error;
  }
  const sql: PostgresSql = { dialect: postgresDialect, read: transactions.read, write: transactions.write, rowLock: '' };
  const serverTime = makeServerTime({ read: transactions.read, clock, notice: notice ?? silentEngineNotices });
  // Whenever a statement of a store runs, the difference between the clocks is known.
  const callersSql: PostgresSql = { ...sql, ...transactions.waitingFor(serverTime.refresh), skewMs: serverTime.skewMs };
  const follow: FollowPromises<PostgresTransaction> | undefined =
    dispatch && ((transaction, promises) => transaction.alongside(dispatch.follow(transaction, promises)));
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    await transactions.close();
    await changes.close();
    await connection.dataSource.destroy();
  };
  return {
    name: connection.place,
    id,
    stores: storesOver(callersSql, follow),
    unitOfWork: {
      run: (work) => callersSql.write((transaction) => work(storesOver(within(postgresDialect, transaction, serverTime.skewMs), follow))),
    },
    transcript: makeLocalTranscript(sql),
    personalData: makePersonalData(sql, { scrub: () => scrub(connection) }),
    state: (gateway) => makeKeyValueState(sql, gateway),
    leaderLease: (name) => makeLeaderLease(sql, name),
    changes,
    sql,
    serverTime,
    promisesIn: (transaction) => makePromiseStore(within(postgresDialect, transaction), follow),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
};
