import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, PoolClient, QueryConfig, QueryResult } from 'pg';
import { isPortError, PortError } from '../../ports/index.ts';
import type { Attempt } from '../sql/retry.ts';
import type { SqlValue } from '../sql/sql.ts';
import { openUnit, type Unit } from '../sql/unit.ts';
import { isLost, isStalePlan, toPortError } from './errors.ts';
import type { PostgresTransaction } from './sql.ts';
import { STATEMENT_TIMEOUT_MS, type Statement, type Statements } from './statements.ts';

const BEGIN = { text: 'BEGIN', query_timeout: STATEMENT_TIMEOUT_MS };
const COMMIT = { ...BEGIN, text: 'COMMIT' };
const ROLLBACK = { ...BEGIN, text: 'ROLLBACK' };
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

type Work<Value> = (transaction: PostgresTransaction) => Promise<Value>;

/** The result of a committed transaction, and whether it has changed rows. */
export interface Committed<Value> {
  readonly result: Value;
  readonly changedRows: boolean;
}

export interface TransactionRunner {
  /** Whether the caller runs inside the work of a transaction. */
  isInside(): boolean;
  /**
   * Makes one attempt at a transaction (READ COMMITTED). Statements that are asked for together are sent together. A
   * statement that returns no rows is not waited for: if it fails, its transaction fails.
   */
  run<Value>(work: Work<Value>): Promise<Attempt<Committed<Value>>>;
}

/** Whether a repetition may succeed in a moment. */
export const isPassing = (error: unknown): boolean => isPortError(error) && error.code === 'unavailable' && error.retryable;

export const makeTransactionRunner = ({
  pool,
  place,
  statements,
}: {
  readonly pool: Pool;
  readonly place: string;
  readonly statements: Statements;
}): TransactionRunner => {
  const current = new AsyncLocalStorage<Unit>();

  /** Runs the work up to the commit, or rolls back and gives the connection back. */
  const perform = async <Value>({ connection, unit, transaction, others }: OpenTransaction, work: Work<Value>): Promise<Attempt<Value>> => {
    const { client } = connection;
    try {
      // Sent together with the first statement.
      const begun = unit.statement(() => ask(client, BEGIN, place));
      const [value] = await Promise.all([current.run(unit, () => work(transaction)), begun]);
      await others();
      if (unit.failure() !== undefined) throw unit.failure();
      const lost = connection.lost();
      if (lost !== undefined) throw toPortError(lost, place);
      return { value };
    } catch (error) {
      await unit.abandon();
      const failure = unit.failure();
      // After a statement without an answer, this one would have none either.
      const isBroken = isLost(failure) || !(await isRolledBack(client));
      if (isStalePlan(failure)) statements.renew();
      connection.release(isBroken);
      return { error, mayRepeat: isPassing(failure ?? error) && isPassing(error) };
    }
  };

  /**
   * COMMIT is sent together with the last statements; if one of them fails, it rolls back. If COMMIT has no answer in
   * time, as when it waits for a lock, the server decides whether to commit, even later. Until then, all rows that were
   * changed, or read for a change, stay locked.
   */
  const commit = async ({ connection, unit }: OpenTransaction): Promise<Attempt<void>> => {
    const [ended, committed] = await Promise.allSettled([unit.end(), ask(connection.client, COMMIT, place)]);
    connection.release(committed.status === 'rejected');
    const error = ended.status === 'rejected' ? ended.reason : committed.status === 'rejected' ? committed.reason : undefined;
    if (error === undefined) return { value: undefined };
    if (isLost(error)) {
      const message = `the connection to ${place} was lost at a commit: whether it was stored is not known`;
      return { error: new PortError('unavailable', message, { retryable: true, cause: error.cause }), mayRepeat: false };
    }
    if (isStalePlan(error)) statements.renew();
    return { error, mayRepeat: isPassing(error) };
  };

  return {
    isInside: () => current.getStore()?.isOpen() ?? false,
    run: async (work) => {
      let connection: PooledConnection;
      try {
        connection = await checkOut(pool);
      } catch (error) {
        const failure = toPortError(error, place);
        return { error: failure, mayRepeat: isPassing(failure) };
      }
      const opened = openTransaction(connection, statements, place);
      const performed = await perform(opened, work);
      if ('error' in performed) return performed;
      const committed = await commit(opened);
      return 'error' in committed ? committed : { value: { result: performed.value, changedRows: opened.changedRows() } };
    },
  };
};

/** A connection that one transaction has to itself. */
interface PooledConnection {
  readonly client: PoolClient;
  /** Why it was lost between two statements, if it was. */
  lost(): unknown;
  release(isBroken: boolean): void;
}

/**
 * The pool hands a connection over in the middle of what the server has sent, and what comes behind that may say that
 * the server ends it: it is heard from the first moment, as nobody else hears it then.
 */
export const checkOut = (pool: Pick<Pool, 'connect'>): Promise<PooledConnection> =>
  new Promise((resolve, reject) => {
    pool.connect((error, client) => {
      if (error || !client) return reject(error);
      let lost: unknown;
      const hear = (reason: unknown): void => {
        lost ??= reason;
      };
      client.on('error', hear);
      resolve({
        client,
        lost: () => lost,
        release: (isBroken) => {
          client.off('error', hear);
          client.release(isBroken);
        },
      });
    });
  });

interface OpenTransaction {
  readonly connection: PooledConnection;
  readonly unit: Unit;
  readonly transaction: PostgresTransaction;
  /** Resolves when the work alongside has ended; rejects as it does. */
  others(): Promise<unknown>;
  /** Whether any statement that has been answered has changed rows. */
  changedRows(): boolean;
}

const openTransaction = (connection: PooledConnection, statements: Statements, place: string): OpenTransaction => {
  const { client } = connection;
  const unit = openUnit(() => false);
  const besides: Promise<unknown>[] = [];
  let changedRows = false;
  const run = async (statement: Statement): Promise<unknown[]> => {
    const asked = unit.statement(async () => {
      const result = await ask(client, statement, place);
      if (WRITES.has(result.command) && result.rowCount) changedRows = true;
      return result.rows;
    });
    if (!statement.isMute || !unit.isOpen()) return asked;
    // The unit reports its failure.
    asked.catch(ignore);
    return [];
  };
  return {
    connection,
    unit,
    transaction: {
      query: async <Row>(sql: string, params: readonly SqlValue[] = []) => (await run(statements.prepare(sql, params))) as readonly Row[],
      executeSql: async (text, values = []) => ({ rows: await run(statements.native(text, values)) }),
      alongside: (work) => {
        // `others` reports its failure.
        work.catch(ignore);
        besides.push(work);
      },
    },
    others: () => Promise.all(besides),
    changedRows: () => changedRows,
  };
};

const ignore = (): void => undefined;

const ask = async (client: PoolClient, query: QueryConfig, place: string): Promise<QueryResult> => {
  const { stream } = client.connection;
  // Statements of the same moment leave in one packet: a system call costs more than a small statement.
  stream.cork();
  process.nextTick(() => stream.uncork());
  try {
    return await client.query(query);
  } catch (error) {
    throw toPortError(error, place);
  }
};

/** Rolls back. Resolves to whether others can use the connection again. */
const isRolledBack = async (client: PoolClient): Promise<boolean> => {
  try {
    await client.query(ROLLBACK);
    return true;
  } catch {
    return false;
  }
};
