import { doublingMs } from '../../domain/shared/backoff.ts';
import { PortError } from '../../ports/index.ts';
import { attempting, type Patience, retry } from '../sql/retry.ts';
import type { SqlValue } from '../sql/sql.ts';
import { nestedUnit } from '../sql/unit.ts';
import type { Connection } from './connection.ts';
import { isStalePlan, toPortError } from './errors.ts';
import type { PostgresSql } from './sql.ts';
import { makeStatements } from './statements.ts';
import { isPassing, makeTransactionRunner } from './transaction.ts';

type Statements = Pick<PostgresSql, 'read' | 'write'>;

export interface Transactions extends Statements {
  /**
   * The same for a caller that must wait first: until what `ready` returns resolves, or not at all if it returns
   * undefined.
   */
  waitingFor(ready: () => Promise<void> | undefined): Statements;
  /** Refuses new work, and resolves when the last transaction has ended. */
  close(): Promise<void>;
}

const pauseMs = (attempt: number): number => doublingMs(attempt + 1, 20, 250);
/**
 * An attempt that changed nothing is repeated for two seconds while the database fails in ways that pass, so that a
 * quick restart goes unnoticed.
 */
const PATIENCE: Patience = { patienceMs: 2_000, pauseMs: (attempt) => pauseMs(attempt) * (0.5 + Math.random()) };

/**
 * Runs statements and transactions on pooled connections, many in parallel. `onCommit` is called when a transaction
 * that is not quiet has changed rows.
 */
export const makeTransactions = ({ pool, place }: Connection, onCommit: () => void): Transactions => {
  const statements = makeStatements();
  const transactions = makeTransactionRunner({ pool, place, statements });
  const running = new Set<Promise<unknown>>();
  let closed = false;

  const track = <Value>(begin: () => Promise<Value>, ready: () => Promise<void> | undefined): Promise<Value> => {
    if (closed) return Promise.reject(new PortError('unavailable', `${place} is closed in this process`, { retryable: false }));
    const run = ready()?.then(begin) ?? begin();
    running.add(run);
    const done = () => running.delete(run);
    run.then(done, done);
    return run;
  };

  const readOnce = async <Row>(sql: string, params: readonly SqlValue[]): Promise<readonly Row[]> => {
    try {
      return (await pool.query(statements.prepare(sql, params))).rows as readonly Row[];
    } catch (error) {
      const failure = toPortError(error, place);
      if (isStalePlan(failure)) statements.renew();
      throw failure;
    }
  };

  const waitingFor = (ready: () => Promise<void> | undefined): Statements => ({
    read: <Row>(sql: string, params: readonly SqlValue[] = []) =>
      track(
        () =>
          retry(
            attempting(() => readOnce<Row>(sql, params), isPassing),
            PATIENCE,
          ),
        ready,
      ),
    write: (work, { quiet = false } = {}) => {
      if (transactions.isInside()) return Promise.reject(nestedUnit());
      return track(async () => {
        const { result, changedRows } = await retry(() => transactions.run(work), PATIENCE);
        if (!quiet && changedRows) onCommit();
        return result;
      }, ready);
    },
  });

  return {
    ...waitingFor(() => undefined),
    waitingFor,
    close: async () => {
      closed = true;
      await Promise.allSettled(running);
    },
  };
};
