import type { StoredPromises } from './promise-store.ts';
import type { Sql, Transaction } from './sql.ts';

/** The storage whose promises a queue hands out. */
export interface QueueStorage<T extends Transaction, Database extends Sql<T> = Sql<T>> {
  readonly sql: Database;
  /** The promises as one transaction sees them. */
  promisesIn(transaction: T): StoredPromises;
}
