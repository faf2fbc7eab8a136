import { isPortError, PortError } from '../../ports/index.ts';
import type { SqlValue, Transaction } from '../sql/sql.ts';
import { openUnit, type Unit } from '../sql/unit.ts';
import type { Connection } from './connection.ts';

/** The transaction that a unit runs in; other units may run before and after it in the same one. */
export interface SqliteTransaction extends Transaction {
  /**
   * Runs this statement again, in the same transaction, when the unit is rolled back, once or more often: its effect
   * outlives the unit.
   */
  keep(sql: string, params: readonly SqlValue[]): void;
}

/**
 * SQLite ends a transaction itself after some failures: a statement that was asked for along with the one that failed
 * would be committed alone.
 */
const givenUp = (path: string): PortError =>
  new PortError('unavailable', `${path}: the transaction has ended, and what it changed is undone`, { retryable: true });

/** A transaction as one unit sees it. */
export interface UnitTransaction extends SqliteTransaction, Unit {
  readonly kept: readonly { readonly sql: string; readonly params: readonly SqlValue[] }[];
}

export const openUnitTransaction = ({ query, inTransaction, path }: Connection): UnitTransaction => {
  const kept: { sql: string; params: readonly SqlValue[] }[] = [];
  let ended: PortError | undefined;
  // A statement that SQLite refuses as it stands changes nothing. Any other failure leaves the unit half done.
  const unit = openUnit((error) => error === ended || (isPortError(error) && error.code === 'concurrency'));
  const refuse = (): Promise<never> => {
    ended ??= givenUp(path);
    return Promise.reject(ended);
  };
  return {
    ...unit,
    end: async () => {
      await unit.end();
      // Nothing would be left to commit.
      if (!inTransaction()) await refuse();
    },
    kept,
    keep: (sql, params) => {
      kept.push({ sql, params });
    },
    query: (sql, params) => unit.statement(() => (inTransaction() ? query(sql, params) : refuse())),
  };
};
