import type { AgentPromise, PromiseId } from '../../domain/index.ts';

type Query = <Row>(sql: string, params?: readonly (string | number | null)[]) => Promise<readonly Row[]>;

/** What the queue needs of a transaction: its statements. */
export interface Statements {
  readonly query: Query;
}

/** What the queue needs of the SQLite storage whose tables it works on. */
export interface Sql<Transaction extends Statements> {
  /** Runs one statement that only reads. */
  readonly read: Query;
  /** Runs `job` in a transaction, all or nothing, and resolves once it is on the disk. */
  write<T>(job: (transaction: Transaction) => Promise<T>): Promise<T>;
}

/**
 * The storage's promises as one transaction sees them: how a promise is read from its row, and saved to it, is known
 * there alone.
 */
export interface PromisesInTransaction {
  getMany(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /** Saves them all, or rejects. */
  saveMany(promises: readonly AgentPromise[]): Promise<void>;
}

/** What the queue needs of a SQLite storage. */
export interface QueueStorage<Transaction extends Statements> {
  readonly sql: Sql<Transaction>;
  promisesIn(transaction: Transaction): PromisesInTransaction;
}
