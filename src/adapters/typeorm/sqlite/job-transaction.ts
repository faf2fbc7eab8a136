import { isPortError, PortError } from '../../../ports/index.ts';
import type { Query, SqlValue, Transaction } from '../stores/sql.ts';

/** The transaction that a job runs in; other jobs may run before and after it in the same one. */
export interface SqliteTransaction extends Transaction {
  /** Runs this statement again, in the same transaction, when the job is rolled back: its effect outlives the job. */
  keep(sql: string, params: readonly SqlValue[]): void;
}

/** A transaction as one job sees it: usable while the job runs, and not a moment longer. */
export interface JobTransaction extends SqliteTransaction {
  readonly kept: readonly { readonly sql: string; readonly params: readonly SqlValue[] }[];
  isOpen(): boolean;
  /** Ends the job's use of it. Rejects with a failure of the storage that the job has caught and gone on from. */
  end(): Promise<void>;
  /** Ends it without asking whether all went well. */
  abandon(): Promise<void>;
}

export const openJob = (query: Query): JobTransaction => {
  const kept: { sql: string; params: readonly SqlValue[] }[] = [];
  const running = new Set<Promise<unknown>>();
  let open = true;
  let failure: unknown;

  // A job that stops waiting early (`Promise.all`) may leave statements behind that have yet to run: they are its own, not the next job's.
  const abandon = async () => {
    open = false;
    await Promise.allSettled(running);
  };

  return {
    kept,
    isOpen: () => open,
    keep: (sql, params) => {
      kept.push({ sql, params });
    },
    query: async (sql, params) => {
      if (!open) throw new PortError('invalid-request', 'this unit of work has ended', { retryable: false });
      const result = query<never>(sql, params);
      running.add(result);
      try {
        return await result;
      } catch (error) {
        // Refused as it stands is the job's to handle. Anything else leaves it half done, whatever it makes of that.
        if (!isPortError(error) || error.code !== 'concurrency') failure ??= error;
        throw error;
      } finally {
        running.delete(result);
      }
    },
    abandon,
    end: async () => {
      await abandon();
      if (failure !== undefined) throw failure;
    },
  };
};
