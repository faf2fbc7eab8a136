import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { PortError } from '../../ports/index.ts';
import { nestedUnit } from '../sql/job.ts';
import type { Sql } from '../sql/sql.ts';
import type { Connection } from './connection.ts';
import { type Job, makeGroupCommit } from './group-commit.ts';
import type { JobTransaction, SqliteTransaction } from './job-transaction.ts';

/** Jobs that may share one transaction: more would hold the lock for too long. */
const GROUP_LIMIT = 512;

export interface GroupWriter {
  /**
   * Runs `job` after those that came before it, and resolves once its changes are on the disk. Jobs that wait at the
   * same moment share one commit; one that rejects is rolled back alone, and the others are run once more for that.
   * MUST NOT be called from inside a job: it would wait for itself.
   */
  readonly write: Sql<SqliteTransaction>['write'];
  /** Refuses new jobs, and resolves when the last one has ended. */
  close(): Promise<void>;
}

/**
 * The one way in which anything is written over `connection`. `beforeEach` may refuse a transaction; `onCommit` is
 * called after each.
 */
export const makeGroupWriter = (
  connection: Connection,
  options: { readonly lockWaitMs?: number; readonly beforeEach?: () => void; readonly onCommit?: () => void } = {},
): GroupWriter => {
  const commits = makeGroupCommit(connection, { lockWaitMs: options.lockWaitMs, beforeEach: options.beforeEach });
  const waiting: Job[] = [];
  const current = new AsyncLocalStorage<JobTransaction>();
  let draining: Promise<void> | undefined;
  let closed = false;

  const commit = async (group: readonly Job[]): Promise<void> => {
    let outcomes: readonly (() => void)[];
    try {
      outcomes = await commits.run(group);
    } catch (error) {
      for (const job of group) job.reject(error);
      return;
    }
    options.onCommit?.();
    for (const answer of outcomes) answer();
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Everybody who has something to write in this iteration of the event loop joins the group.
      await nextIteration();
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
