import type { Sql, Transaction } from '../sql/sql.ts';

export interface PostgresTransaction extends Transaction {
  /**
   * Runs a statement in PostgreSQL's own words (`$1`, values as `pg` takes them) in the same transaction. Rejects with
   * PortError.
   */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ readonly rows: unknown[] }>;
  /**
   * Takes up work that runs beside the caller's in this transaction: nobody waits for its statements but the commit,
   * and if it fails, so does the transaction.
   */
  alongside(work: Promise<unknown>): void;
}

export interface PostgresSql extends Sql<PostgresTransaction> {
  /** With `quiet`, the commit is not announced to the change feed. */
  write<Value>(work: (transaction: PostgresTransaction) => Promise<Value>, options?: { readonly quiet?: boolean }): Promise<Value>;
}
