import {
  type AgentPromise,
  type ChatId,
  changedFields,
  PROMISE_STATUSES,
  type PromiseId,
  type PromiseStatus,
  type SettledPromise,
} from '../../domain/index.ts';
import { PortError, type PromiseStores } from '../../ports/index.ts';
import { movedBy } from './clock-skew.ts';
import { whereOf } from './promise-filter.ts';
import { makePurge } from './promise-purge.ts';
import { type PromiseRow, promiseFromRow, promiseStatements, promiseToRow, stateToRow } from './promise-row.ts';
import type { Query, Sql, SqlValue, Transaction } from './sql.ts';

/**
 * Called with promises as they are stored, new or changed, inside the transaction that stores them. Their `version` is
 * still the one before.
 */
export type FollowPromises<T extends Transaction> = (transaction: T, promises: readonly AgentPromise[]) => void;

export interface StoredPromises extends PromiseStores {
  /**
   * Inside a transaction: locks the promises that nobody else is changing, without waiting for the others. If a
   * transaction has the database to itself, it locks all of them.
   */
  lockFree(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
  /** Inside a transaction that has locked the promises: stores new states, each at the version that was read. */
  saveLocked(promises: readonly AgentPromise[]): Promise<void>;
}

/** Promises, over the database itself or over one transaction. */
export const makePromiseStore = <T extends Transaction>(sql: Sql<T>, follow?: FollowPromises<T>): StoredPromises => {
  const { dialect, rowLock, skewMs = noSkew } = sql;
  const { json, oneOf, rowLocks, runOver } = dialect;
  const statements = promiseStatements(dialect);
  const exclusive = rowLocks?.exclusive ?? '';
  const byIds = `WHERE ${oneOf('id', 'integer')} ORDER BY id`;

  const selectOver = async (query: Query, rest: string, params: readonly SqlValue[]): Promise<readonly AgentPromise[]> =>
    (await query<PromiseRow>(`${statements.select} ${rest}`, params)).map((row) => promiseFromRow(movedBy(row, -skewMs())));
  const select = (rest: string, params: readonly SqlValue[]): Promise<readonly AgentPromise[]> => selectOver(sql.read, rest, params);

  /**
   * Locks the parents of waiting promises: it waits for a parent that is about to settle, and any other parent can't
   * settle before this transaction ends.
   */
  const holdParents = async ({ query }: T, promises: readonly AgentPromise[]): Promise<void> => {
    const parents = promises.flatMap(({ status, dependsOn }) => (status === 'waiting' ? dependsOn : []));
    if (rowLocks && parents.length > 0) await query(statements.holdParents, [json(parents)]);
  };

  const saveLocked = async (transaction: T, promises: readonly AgentPromise[]): Promise<void> => {
    if (promises.length === 0) return;
    await holdParents(transaction, promises);
    const rows = promises.map((promise) => movedBy(stateToRow(promise), skewMs()));
    await runOver(transaction.query, statements.update, rows);
    follow?.(transaction, promises);
  };

  return {
    reserveIds: async (count) => (await dialect.reserve(sql, 'promise', count)) as readonly PromiseId[],
    add: (promises) =>
      sql.write(async (transaction) => {
        const { query } = transaction;
        await holdParents(transaction, promises);
        const added = await runOver<{ id: number }>(
          query,
          statements.insert,
          promises.map((promise) => movedBy(promiseToRow(promise), skewMs())),
        );
        if (added.length < promises.length) {
          // A refusal must leave nothing behind, even in a unit of work that goes on after it.
          await query(statements.remove, [json(added.map(({ id }) => id))]);
          const names = promises.map(({ id }) => `#${id}`).join(', ');
          throw new PortError('concurrency', `the number or key of a promise is taken: ${names}`, { retryable: true });
        }
        const edges = promises.flatMap(({ id, dependsOn }) =>
          dependsOn.map((parent, i) => ({ promise_id: id, position: i, parent_id: parent })),
        );
        if (edges.length > 0) await runOver(query, statements.insertDependencies, edges);
        follow?.(transaction, promises);
      }),
    get: async (id) => (await select('WHERE id = ?', [id]))[0],
    getMany: (ids) => select(byIds, [json(ids)]),
    update: async (ids, change) => {
      if (ids.length === 0) return [];
      return sql.write(async (transaction) => {
        const stored = await selectOver(transaction.query, `${byIds}${exclusive}`, [json(ids)]);
        const changes = stored.map((promise) => ({ promise, next: change(promise) }));
        await saveLocked(
          transaction,
          changes.flatMap(({ promise, next }) => (next ? [{ ...changedFields(promise, next), version: promise.version }] : [])),
        );
        return changes.map(({ promise, next }) => (next ? changedFields(promise, next) : promise));
      });
    },
    lockFree: (ids) => select(`${byIds}${rowLocks ? `${exclusive} SKIP LOCKED` : ''}`, [json(ids)]),
    saveLocked: (promises) => sql.write((transaction) => saveLocked(transaction, promises)),
    find: (filter) => {
      const { sql: where, params } = whereOf(dialect, filter);
      return select(where, params);
    },
    openByChat: async () => {
      const open = 'SELECT chat_id, COUNT(*) AS count FROM promises WHERE completed_at IS NULL GROUP BY chat_id';
      const rows = await sql.read<{ chat_id: string; count: number }>(open);
      return new Map(rows.map(({ chat_id, count }) => [chat_id as ChatId, count]));
    },
    countOpen: async (chatId) => {
      const open = 'SELECT COUNT(*) AS count FROM promises WHERE chat_id = ? AND completed_at IS NULL';
      return (await sql.read<{ count: number }>(open, [chatId]))[0]?.count ?? 0;
    },
    findByKey: async (chatId, key) => (await select('WHERE chat_id = ? AND idempotency_key = ?', [chatId, key]))[0],
    waitingOn: (parents) => select(`${statements.waitingOn}${rowLock}`, [json(parents)]),
    noteProgress: (id, workerId, { text, at }) =>
      sql.write(async ({ query }) => {
        const note = `UPDATE promises SET progress = ?, progress_at = ? WHERE id = ? AND status = 'in_progress' AND lease_worker = ? RETURNING id`;
        return (await query(note, [text, at, id, workerId])).length > 0;
      }),
    overdue: (now, limit) =>
      select('WHERE deadline_at IS NOT NULL AND completed_at IS NULL AND deadline_at <= ? ORDER BY deadline_at, id LIMIT ?', [now, limit]),
    nextDeadline: async () => {
      const earliest = 'SELECT MIN(deadline_at) AS at FROM promises WHERE deadline_at IS NOT NULL AND completed_at IS NULL';
      return (await sql.read<{ at: number | null }>(earliest))[0]?.at ?? undefined;
    },
    markDelivered: (id, at) =>
      sql.write(async ({ query }) => {
        await query('UPDATE promises SET delivered_at = ? WHERE id = ? AND completed_at IS NOT NULL', [at, id]);
      }),
    lostOutcomes: async (chatId, limit) => (await select(statements.lostOutcomes, [chatId, limit])) as readonly SettledPromise[],
    countUndelivered: async ({ storedBefore, failedAfter, limit }) =>
      Number((await sql.read<{ count: number }>(statements.countUndelivered, [storedBefore, failedAfter, limit]))[0]?.count ?? 0),
    ...makePurge(sql),
    stats: async () => {
      const rows = await sql.read<{ status: PromiseStatus; count: number }>(COUNTS);
      const counts = Object.fromEntries(PROMISE_STATUSES.map((status) => [status, 0])) as Record<PromiseStatus, number>;
      for (const { status, count } of rows) counts[status] = count;
      return counts;
    },
  };
};

const noSkew = (): number => 0;

const COUNTS = PROMISE_STATUSES.map(
  (status) => `SELECT '${status}' AS status, COUNT(*) AS count FROM promises WHERE status = '${status}'`,
).join(' UNION ALL ');
