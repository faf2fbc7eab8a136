import { isPortError, PortError } from '../../ports/index.ts';
import type { SqlValue, Transaction } from '../sql/sql.ts';
import { openUnit, type Unit } from '../sql/unit.ts';
import type { Connection } from './connection.ts';

/** The transaction of one unit of work. Other units may run before and after it in the same one. */
export interface SqliteTransaction extends Transaction {
  /**
   * Has this statement run again, in the same transaction, if the unit is rolled back, so that its effect outlives the
   * unit.
   */
  keep(sql: string, params: readonly SqlValue[]): void;
}

/**
 * The error after SQLite has ended the transaction itself, as it does after some failures: a later statement of the
 * unit would be committed alone.
 */
const givenUp = (path: string): PortError =>
  new PortError('unavailable', `${path}: SQLite has ended the transaction and undone its changes`, { retryable: true });

/** The transaction as one unit sees it. */
export interface UnitTransaction extends SqliteTransaction, Unit {
  readonly kept: readonly { readonly sql: string; readonly params: readonly SqlValue[] }[];
}

export const openUnitTransaction = ({ query, inTransaction, path }: Connection): UnitTransaction => {
  const kept: { sql: string; params: readonly SqlValue[] }[] = [];
  let ended: PortError | undefined;
  // A refused statement changes nothing. Any other failure leaves the unit half done.
  const unit = openUnit((error) => error === ended || (isPortError(error) && error.code === 'concurrency'));
  const refuse = (): Promise<never> => {
    ended ??= givenUp(path);
    return Promise.reject(ended);
  };
  return {
    ...unit,
    end: async () => {
      await unit.end();
      // There would be nothing left to commit.
      if (!inTransaction()) await refuse();
    },
    kept,
    keep: (sql, params) => {
      kept.push({ sql, params });
    },
    query: (sql, params) => unit.statement(() => (inTransaction() ? query(sql, params) : refuse())),
  };
};
