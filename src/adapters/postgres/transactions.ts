import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import { isPortError, PortError } from '../../ports/index.ts';
import { type Job, nestedUnit, openJob } from '../sql/job.ts';
import type { Query, SqlValue } from '../sql/sql.ts';
import type { Connection } from './connection.ts';
import { isLost, isStalePlan, toPortError } from './errors.ts';
import type { PostgresSql, PostgresTransaction } from './sql.ts';
import { makeStatements, STATEMENT_TIMEOUT_MS, type Statement, type Statements } from './statements.ts';

export interface Transactions extends Pick<PostgresSql, 'read' | 'write'> {
  /** Refuses new work, and resolves when the last transaction has ended. */
  close(): Promise<void>;
}

/**
 * How long what changed nothing is tried again while the database fails in ways that pass: a quick restart is not
 * noticed.
 */
const PATIENCE_MS = 2_000;
const BACKOFF_MS = { first: 20, most: 250 };
const BEGIN = { text: 'BEGIN', query_timeout: STATEMENT_TIMEOUT_MS };
const COMMIT = { ...BEGIN, text: 'COMMIT' };
const ROLLBACK = { ...BEGIN, text: 'ROLLBACK' };
const WRITES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** One attempt at a transaction: what it gave, or why it failed and whether nothing is known to have come of it. */
type Attempt<Value> = { readonly value: Value } | { readonly error: unknown; readonly changedNothing: boolean };

/**
 * Runs statements on pooled connections: each alone, or as transactions (READ COMMITTED), many in parallel. What is
 * asked for at once goes to the server at once, and a statement that gives no rows is not waited for: where it fails,
 * so does its transaction. `onCommit` is called when one has changed rows.
 */
export const makeTransactions = ({ pool, place }: Connection, onCommit: () => void): Transactions => {
  const statements = makeStatements();
  const current = new AsyncLocalStorage<Job>();
  const running = new Set<Promise<unknown>>();
  let closed = false;

  const attempt = async <Value>(work: (transaction: PostgresTransaction) => Promise<Value>, quiet: boolean): Promise<Attempt<Value>> => {
    let client: PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      return { error: toPortError(error, place), changedNothing: true };
    }
    // Of a connection that is lost between two statements.
    let lost: unknown;
    const hear = (error: unknown) => {
      lost ??= error;
    };
    client.on('error', hear);
    const release = (broken: boolean) => {
      client.off('error', hear);
      client.release(broken);
    };

    const job = openJob(() => false);
    const { transaction, changedRows } = openTransaction(client, job, statements, place);
    let value: Value;
    try {
      // Sent along with the first statement.
      const begun = job.statement(() => ask(client, BEGIN, place));
      [value] = await Promise.all([current.run(job, () => work(transaction)), begun]);
      if (job.failure() !== undefined) throw job.failure();
      if (lost !== undefined) throw toPortError(lost, place);
    } catch (error) {
      await job.abandon();
      const failure = job.failure();
      // Behind a statement without an answer there is none for this one.
      const broken = isLost(failure) || !(await rolledBack(client));
      if (isStalePlan(failure)) statements.renew();
      release(broken);
      return { error, changedNothing: isPassing(failure ?? error) };
    }
    // Sent along with the last statements: if one of them fails, it rolls back. One that has no answer in time, as
    // where it waits for a lock, leaves it to the server whether to commit, even later: until then, all that was read
    // for a change or changed stays locked.
    const [ended, committed] = await Promise.allSettled([job.end(), ask(client, COMMIT, place)]);
    release(committed.status === 'rejected');
    const error = ended.status === 'rejected' ? ended.reason : committed.status === 'rejected' ? committed.reason : undefined;
    if (isLost(error)) {
      const message = `the connection to ${place} was lost at a commit: whether it was stored is not known`;
      return { error: new PortError('unavailable', message, { retryable: true, cause: error.cause }), changedNothing: false };
    }
    if (error !== undefined) {
      if (isStalePlan(error)) statements.renew();
      return { error, changedNothing: isPassing(error) };
    }
    if (!quiet && changedRows()) onCommit();
    return { value };
  };

  const insist = async <Value>(once: () => Promise<Attempt<Value>>): Promise<Value> => {
    const until = performance.now() + PATIENCE_MS;
    for (let waitMs = BACKOFF_MS.first; ; waitMs = Math.min(waitMs * 2, BACKOFF_MS.most)) {
      const outcome = await once();
      if ('value' in outcome) return outcome.value;
      if (!outcome.changedNothing || !isPassing(outcome.error) || performance.now() > until) throw outcome.error;
      await delay(waitMs * (0.5 + Math.random()));
    }
  };

  const track = <Value>(begin: () => Promise<Value>): Promise<Value> => {
    if (closed) return Promise.reject(new PortError('unavailable', `${place} is closed here`, { retryable: false }));
    const run = begin();
    running.add(run);
    const done = () => running.delete(run);
    run.then(done, done);
    return run;
  };

  const read: Query = <Row>(sql: string, params: readonly SqlValue[] = []) =>
    track(() =>
      insist(async (): Promise<Attempt<readonly Row[]>> => {
        try {
          return { value: (await pool.query(statements.prepare(sql, params))).rows as readonly Row[] };
        } catch (error) {
          const failure = toPortError(error, place);
          if (isStalePlan(failure)) statements.renew();
          return { error: failure, changedNothing: true };
        }
      }),
    );

  return {
    read,
    write: (work, { quiet = false } = {}) => {
      if (current.getStore()?.isOpen()) return Promise.reject(nestedUnit());
      return track(() => insist(() => attempt(work, quiet)));
    },
    close: async () => {
      closed = true;
      await Promise.allSettled(running);
    },
  };
};

const ignore = (): void => undefined;

const openTransaction = (client: PoolClient, job: Job, statements: Statements, place: string) => {
  let changedRows = false;
  const run = async (statement: Statement): Promise<unknown[]> => {
    const asked = job.statement(async () => {
      const result = await ask(client, statement, place);
      if (WRITES.has(result.command) && result.rowCount) changedRows = true;
      return result.rows;
    });
    if (!statement.isMute || !job.isOpen()) return asked;
    // The job tells of its failure.
    asked.catch(ignore);
    return [];
  };
  const transaction: PostgresTransaction = {
    query: async <Row>(sql: string, params: readonly SqlValue[] = []) => (await run(statements.prepare(sql, params))) as readonly Row[],
    executeSql: async (text, values = []) => ({ rows: await run(statements.native(text, values)) }),
  };
  return { transaction, changedRows: () => changedRows };
};

const ask = async (client: PoolClient, query: QueryConfig, place: string): Promise<QueryResult> => {
  const { stream } = client.connection;
  // What is asked for at once leaves at once: a system call costs more than a small statement.
  stream.cork();
  process.nextTick(() => stream.uncork());
  try {
    return await client.query(query);
  } catch (error) {
    throw toPortError(error, place);
  }
};

/** Whether the connection is fit for others again. */
const rolledBack = async (client: PoolClient): Promise<boolean> => {
  try {
    await client.query(ROLLBACK);
    return true;
  } catch {
    return false;
  }
};

const isPassing = (error: unknown): boolean => isPortError(error) && error.code === 'unavailable' && error.retryable;
