import type { AgentPromise, PromiseId } from '../../../domain/index.ts';

type Query = <Row>(sql: string, params?: readonly (string | number | null)[]) => Promise<readonly Row[]>;

/** What the queue needs of a transaction on PostgreSQL. Statements that are asked for at once run in that order. */
export interface Statements {
  /** Placeholders are `?`. */
  readonly query: Query;
  /** As pg-boss writes its statements: placeholders are `$1`, values whatever `pg` takes. */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * The storage's promises as one transaction sees them: how a promise is read from its row, and saved to it, is known
 * there alone.
 */
export interface PromisesInTransaction {
  /** Without a lock. */
  getMany(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /** Those that nobody else is changing; nobody does before the transaction ends. It waits for none. */
  holdFree(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /** Saves them all, or rejects. */
  saveMany(promises: readonly AgentPromise[]): Promise<void>;
}

/** What the queue needs of the PostgreSQL storage whose promises it hands out. */
export interface QueueStorage<Transaction extends Statements> {
  readonly sql: {
    /** Runs one statement that only reads. */
    readonly read: Query;
    /**
     * Runs `job` in a transaction, all or nothing, once or more often. With `quiet`, it is no change that anybody waits
     * for.
     */
    write<T>(job: (transaction: Transaction) => Promise<T>, options?: { readonly quiet?: boolean }): Promise<T>;
  };
  promisesIn(transaction: Transaction): PromisesInTransaction;
}

/** Ids as one parameter; say `ANY(?::bigint[])`. */
export const idList = (ids: readonly PromiseId[]): string => `{${ids.join(',')}}`;
