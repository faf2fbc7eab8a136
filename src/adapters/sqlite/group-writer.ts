import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { PortError } from '../../ports/index.ts';
import { nestedUnit } from '../sql/job.ts';
import type { Sql } from '../sql/sql.ts';
import { type Connection, whenUnlocked } from './connection.ts';
import { type JobTransaction, openJobTransaction, type SqliteTransaction } from './job-transaction.ts';

/** Jobs that may share one transaction: more would hold the lock for too long. */
const GROUP_LIMIT = 512;

export interface GroupWriter {
  /**
   * Runs `job` after those that came before it, and resolves once its changes are on the disk. Jobs that wait at the
   * same moment share one commit; one that rejects is rolled back alone: where there are others, all are run once more
   * for that. MUST NOT be called from inside a job: it would wait for itself.
   */
  readonly write: Sql<SqliteTransaction>['write'];
  /** Refuses new jobs, and resolves when the last one has ended. */
  close(): Promise<void>;
}

interface Job {
  /** Resolves to what tells the caller, once the transaction is committed. */
  attempt(transaction: JobTransaction): Promise<() => void>;
  reject(error: unknown): void;
}

/**
 * The one way in which anything is written over `connection`, which has one transaction at a time. `beforeEach` may
 * refuse it; `onCommit` is called after each.
 */
export const makeGroupWriter = (
  connection: Connection,
  options: { readonly lockWaitMs?: number; readonly beforeEach?: () => void; readonly onCommit?: () => void } = {},
): GroupWriter => {
  const { query } = connection;
  const waiting: Job[] = [];
  const current = new AsyncLocalStorage<JobTransaction>();
  let draining: Promise<void> | undefined;
  let closed = false;

  const end = async (how: 'COMMIT' | 'ROLLBACK') => {
    if (connection.inTransaction()) await query(how);
  };
  const begin = async () => {
    // Still open only where its rollback has failed.
    await end('ROLLBACK');
    options.beforeEach?.();
    await whenUnlocked(() => query('BEGIN IMMEDIATE'), options.lockWaitMs);
  };

  const keep = async (transactions: readonly JobTransaction[]): Promise<void> => {
    for (const { kept } of transactions) for (const { sql, params } of kept) await query(sql, params);
  };

  /**
   * What tells each caller; where one of several has failed nothing is changed, and all go apart. With a savepoint
   * every statement would take three times as long.
   */
  const together = async (group: readonly Job[]): Promise<readonly (() => void)[]> => {
    const outcomes: (() => void)[] = [];
    const transactions: JobTransaction[] = [];
    await begin();
    for (const job of group) {
      const transaction = openJobTransaction(connection);
      transactions.push(transaction);
      try {
        outcomes.push(await job.attempt(transaction));
        await transaction.end();
      } catch (error) {
        await transaction.abandon();
        const reason = connection.inTransaction() ? error : (transaction.failure() ?? error);
        await end('ROLLBACK');
        const others = group.length > 1;
        if (others || transaction.kept.length > 0) await begin();
        await keep(transactions);
        return others ? await apart(group) : [() => job.reject(reason)];
      }
    }
    return outcomes;
  };

  /** Runs them from their beginnings once more; one that fails is rolled back alone. */
  const apart = async (group: readonly Job[]): Promise<readonly (() => void)[]> => {
    const outcomes: (() => void)[] = [];
    for (const job of group) {
      const transaction = openJobTransaction(connection);
      await query('SAVEPOINT job');
      try {
        const resolve = await job.attempt(transaction);
        await transaction.end();
        outcomes.push(resolve);
      } catch (error) {
        await transaction.abandon();
        // SQLite itself gives up the whole transaction after some failures: then the others have lost their changes
        // too.
        if (!connection.inTransaction()) throw transaction.failure() ?? error;
        await query('ROLLBACK TO job');
        await keep([transaction]);
        outcomes.push(() => job.reject(error));
      }
      await query('RELEASE job');
    }
    return outcomes;
  };

  /** Gives the lock back at once: other processes may be waiting for it. */
  const givenUp = async (reason: unknown): Promise<unknown> => {
    try {
      await end('ROLLBACK');
      return reason;
    } catch (worse) {
      return worse;
    }
  };

  const commit = async (group: readonly Job[]): Promise<void> => {
    let outcomes: readonly (() => void)[];
    try {
      outcomes = await together(group);
      await end('COMMIT');
    } catch (error) {
      const failure = await givenUp(error);
      for (const job of group) job.reject(failure);
      return;
    }
    options.onCommit?.();
    for (const tell of outcomes) tell();
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Everybody who has something to write in this turn of the event loop joins the group.
      await turnOfTheLoop();
      await commit(waiting.splice(0, GROUP_LIMIT));
    }
    draining = undefined;
  };

  return {
    write: <T>(work: (transaction: SqliteTransaction) => Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        if (closed) throw new PortError('unavailable', `${connection.path} is closed`, { retryable: false });
        if (current.getStore()?.isOpen()) throw nestedUnit();
        const asCaller = AsyncLocalStorage.snapshot();
        waiting.push({
          attempt: async (transaction) => {
            const value = await asCaller(() => current.run(transaction, () => work(transaction)));
            return () => resolve(value);
          },
          reject,
        });
        draining ??= drain();
      }),
    close: async () => {
      closed = true;
      await draining;
    },
  };
};
