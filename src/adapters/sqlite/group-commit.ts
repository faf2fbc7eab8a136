import { type Connection, whenUnlocked } from './connection.ts';
import { openUnitTransaction, type UnitTransaction } from './unit-transaction.ts';

/** A caller's work in a transaction. */
export interface PendingWrite {
  /** Resolves to a function that answers the caller, for after the commit. */
  attempt(transaction: UnitTransaction): Promise<() => void>;
  reject(error: unknown): void;
}

type Outcomes = readonly (() => void)[];

export interface GroupCommit {
  /**
   * Runs the units in one transaction, and resolves after the commit to the functions that answer their callers. A unit
   * that rejects is rolled back alone; if there are others, all of them run once more for that. Rejects if nothing is
   * committed.
   */
  run(group: readonly PendingWrite[]): Promise<Outcomes>;
}

/** Commits over `connection`, which has one transaction at a time. `beforeEach` may throw to refuse a transaction. */
export const makeGroupCommit = (
  connection: Connection,
  { lockWaitMs, beforeEach }: { readonly lockWaitMs?: number | undefined; readonly beforeEach?: (() => void) | undefined },
): GroupCommit => {
  const { query } = connection;

  const end = async (how: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    if (connection.inTransaction()) await query(how);
  };

  const begin = async (): Promise<void> => {
    // Still open only if its rollback has failed.
    await end('ROLLBACK');
    beforeEach?.();
    await whenUnlocked(() => query('BEGIN IMMEDIATE'), lockWaitMs);
  };

  /** Runs again the statements that outlive their units. */
  const repeatKept = async (transactions: readonly UnitTransaction[]): Promise<void> => {
    for (const { kept } of transactions) for (const { sql, params } of kept) await query(sql, params);
  };

  /**
   * Runs the units without savepoints, which would make every statement three times as long. The first failure ends the
   * transaction.
   */
  const runTogether = async (group: readonly PendingWrite[]): Promise<Outcomes> => {
    const outcomes: (() => void)[] = [];
    const transactions: UnitTransaction[] = [];
    await begin();
    for (const write of group) {
      const transaction = openUnitTransaction(connection);
      transactions.push(transaction);
      try {
        outcomes.push(await write.attempt(transaction));
        await transaction.end();
      } catch (error) {
        await transaction.abandon();
        const reason = connection.inTransaction() ? error : (transaction.failure() ?? error);
        await end('ROLLBACK');
        return afterFailure(group, transactions, () => write.reject(reason));
      }
    }
    return outcomes;
  };

  const afterFailure = async (
    group: readonly PendingWrite[],
    transactions: readonly UnitTransaction[],
    reject: () => void,
  ): Promise<Outcomes> => {
    const hasOthers = group.length > 1;
    if (hasOthers || transactions.some(({ kept }) => kept.length > 0)) await begin();
    await repeatKept(transactions);
    return hasOthers ? runApart(group) : [reject];
  };

  /** Runs all units from their beginnings once more. A unit that fails is rolled back alone. */
  const runApart = async (group: readonly PendingWrite[]): Promise<Outcomes> => {
    const outcomes: (() => void)[] = [];
    for (const write of group) {
      const transaction = openUnitTransaction(connection);
      await query('SAVEPOINT unit');
      try {
        const resolve = await write.attempt(transaction);
        await transaction.end();
        outcomes.push(resolve);
      } catch (error) {
        await transaction.abandon();
        // SQLite itself ends the whole transaction after some failures: then the other units have lost their changes
        // too.
        if (!connection.inTransaction()) throw transaction.failure() ?? error;
        await query('ROLLBACK TO unit');
        await repeatKept([transaction]);
        outcomes.push(() => write.reject(error));
      }
      await query('RELEASE unit');
    }
    return outcomes;
  };

  return {
    run: async (group) => {
      try {
        const outcomes = await runTogether(group);
        await end('COMMIT');
        return outcomes;
      } catch (error) {
        // The lock is given back at once, because other processes may wait for it. If that fails, its error is the one
        // to report.
        await end('ROLLBACK');
        throw error;
      }
    },
  };
};
