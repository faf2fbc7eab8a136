import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as nextIteration } from 'node:timers/promises';
import { PortError } from '../../ports/index.ts';
import type { Sql } from '../sql/sql.ts';
import { nestedUnit } from '../sql/unit.ts';
import type { Connection } from './connection.ts';
import { makeGroupCommit, type PendingWrite } from './group-commit.ts';
import type { SqliteTransaction, UnitTransaction } from './unit-transaction.ts';

/** The most units in one transaction: more would hold the lock for too long. */
const GROUP_LIMIT = 512;

export interface GroupWriter {
  /**
   * Runs `work` after the units that came before it, and resolves once its changes are on the disk. Units that wait at
   * the same moment share one commit; a unit that rejects is rolled back alone, and the others run once more for that.
   * MUST NOT be called from inside a unit, which would wait for itself.
   */
  readonly write: Sql<SqliteTransaction>['write'];
  /** Refuses new units, and resolves when the last one has ended. */
  close(): Promise<void>;
}

/**
 * The only way to write over `connection`. `beforeEach` may throw to refuse a transaction; `onCommit` is called after
 * each commit.
 */
export const makeGroupWriter = (
  connection: Connection,
  options: { readonly lockWaitMs?: number; readonly beforeEach?: () => void; readonly onCommit?: () => void } = {},
): GroupWriter => {
  const commits = makeGroupCommit(connection, { lockWaitMs: options.lockWaitMs, beforeEach: options.beforeEach });
  const waiting: PendingWrite[] = [];
  const current = new AsyncLocalStorage<UnitTransaction>();
  let draining: Promise<void> | undefined;
  let closed = false;

  const commit = async (group: readonly PendingWrite[]): Promise<void> => {
    let outcomes: readonly (() => void)[];
    try {
      outcomes = await commits.run(group);
    } catch (error) {
      for (const write of group) write.reject(error);
      return;
    }
    options.onCommit?.();
    for (const answer of outcomes) answer();
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      // Every write that is asked for in this iteration of the event loop joins the group.
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
