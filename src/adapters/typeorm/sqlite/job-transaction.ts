import { isPortError } from '../../../ports/index.ts';
import { type Job, openJob } from '../stores/job.ts';
import type { Query, SqlValue, Transaction } from '../stores/sql.ts';

/** The transaction that a job runs in; other jobs may run before and after it in the same one. */
export interface SqliteTransaction extends Transaction {
  /** Runs this statement again, in the same transaction, when the job is rolled back: its effect outlives the job. */
  keep(sql: string, params: readonly SqlValue[]): void;
}

/** A transaction as one job sees it. */
export interface JobTransaction extends SqliteTransaction, Job {
  readonly kept: readonly { readonly sql: string; readonly params: readonly SqlValue[] }[];
}

export const openJobTransaction = (query: Query): JobTransaction => {
  const kept: { sql: string; params: readonly SqlValue[] }[] = [];
  // A statement that SQLite refuses as it stands changes nothing. Any other failure leaves the job half done.
  const job = openJob((error) => isPortError(error) && error.code === 'concurrency');
  return {
    ...job,
    kept,
    keep: (sql, params) => {
      kept.push({ sql, params });
    },
    query: (sql, params) => job.statement(() => query(sql, params)),
  };
};
