import { type AgentPromise, PROMISE_STATUSES, type PromiseId, type PromiseStatus, type SettledPromise } from '../../domain/index.ts';
import { PortError, type PromiseStore } from '../../ports/index.ts';
import { movedBy } from './clock-skew.ts';
import { whereOf } from './promise-filter.ts';
import { makePurge } from './promise-purge.ts';
import { type PromiseRow, promiseFromRow, promiseStatements, promiseToRow, stateToRow } from './promise-row.ts';
import type { Sql, SqlValue, Transaction } from './sql.ts';

/**
 * Told of promises as they are stored, made or changed, inside the transaction that stores them. Their `version` is the
 * one before.
 */
export type FollowPromises<T extends Transaction> = (transaction: T, promises: readonly AgentPromise[]) => Promise<void>;

export interface StoredPromises extends PromiseStore {
  /**
   * Inside a transaction: those that nobody else is changing, held; it waits for none. Where a transaction has the
   * database to itself, all.
   */
  holdFree(ids: readonly PromiseId[]): Promise<readonly AgentPromise[]>;
}

/** Promises, over the database itself or over one transaction. */
export const makePromiseStore = <T extends Transaction>(sql: Sql<T>, follow?: FollowPromises<T>): StoredPromises => {
  const { dialect, held, skewMs = noSkew } = sql;
  const { json, oneOf, rowLocks, runOver } = dialect;
  const statements = promiseStatements(dialect);

  const select = async (rest: string, params: readonly SqlValue[]): Promise<readonly AgentPromise[]> =>
    (await sql.read<PromiseRow>(`${statements.select} ${rest}`, params)).map((row) => promiseFromRow(movedBy(row, -skewMs())));
  const stateRows = (promises: readonly AgentPromise[]) => promises.map((promise) => movedBy(stateToRow(promise), skewMs()));

  /** The versions of those that this transaction has locked: nobody else changes them before it ends. */
  const locked = new Map<PromiseId, number>();
  const lock = async (rest: string, params: readonly SqlValue[], otherwise = ''): Promise<readonly AgentPromise[]> => {
    const promises = await select(`${rest}${held && `${held}${otherwise}`}`, params);
    if (held) for (const { id, version } of promises) locked.set(id, version);
    return promises;
  };

  /**
   * A parent that is about to settle is waited for, and one that is not can't settle before this transaction has ended.
   */
  const holdParents = async ({ query }: T, promises: readonly AgentPromise[]): Promise<void> => {
    const parents = promises.flatMap(({ status, dependsOn }) => (status === 'waiting' ? dependsOn : []));
    if (rowLocks && parents.length > 0) await query(statements.holdParents, [json(parents)]);
  };

  /** Nobody changes them from here to the end of the transaction. */
  const areCurrent = async ({ query }: T, promises: readonly AgentPromise[]): Promise<boolean> => {
    const stored = await query<{ id: number; version: number }>(statements.versions, [json(promises.map(({ id }) => id))]);
    const versions = new Map(stored.map(({ id, version }) => [id, version]));
    return promises.every(({ id, version }) => versions.get(id) === version);
  };

  const updateCurrent = async (transaction: T, promises: readonly AgentPromise[]): Promise<void> => {
    // Asked first where there are several: a refusal must leave nothing behind, even in a unit of work that goes on
    // after it.
    const current = promises.length === 1 || (await areCurrent(transaction, promises));
    const saved = current ? await runOver(transaction.query, statements.update, stateRows(promises)) : [];
    if (saved.length < promises.length) throw refusal('somebody else has changed the promise', promises);
  };

  const saveMany = (promises: readonly AgentPromise[]): Promise<void> =>
    sql.write(async (transaction) => {
      if (promises.length === 0) return;
      if (new Set(promises.map(({ id }) => id)).size < promises.length) throw refusal('a promise is saved twice at once', promises);
      await holdParents(transaction, promises);
      if (promises.every(({ id, version }) => locked.get(id) === version))
        await runOver(transaction.query, statements.updateLocked, stateRows(promises));
      else await updateCurrent(transaction, promises);
      if (held) for (const { id, version } of promises) locked.set(id, version + 1);
      await follow?.(transaction, promises);
    });

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
        await follow?.(transaction, promises);
      }),
    get: async (id) => (await select('WHERE id = ?', [id]))[0],
    getMany: (ids) => select(`WHERE ${oneOf('id', 'integer')} ORDER BY id`, [json(ids)]),
    hold: (ids) => lock(`WHERE ${oneOf('id', 'integer')} ORDER BY id`, [json(ids)]),
    holdFree: (ids) => lock(`WHERE ${oneOf('id', 'integer')} ORDER BY id`, [json(ids)], ' SKIP LOCKED'),
    find: (filter) => {
      const { sql: where, params } = whereOf(dialect, filter);
      return select(where, params);
    },
    countOpen: async (chatId) => {
      const open = 'SELECT COUNT(*) AS count FROM promises WHERE chat_id = ? AND completed_at IS NULL';
      return (await sql.read<{ count: number }>(open, [chatId]))[0]?.count ?? 0;
    },
    findByKey: async (chatId, key) => (await select('WHERE chat_id = ? AND idempotency_key = ?', [chatId, key]))[0],
    waitingOn: (parents) => lock(statements.waitingOn, [json(parents)]),
    save: (promise) => saveMany([promise]),
    saveMany,
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
    undelivered: async (limit) =>
      (await select('WHERE completed_at IS NOT NULL AND delivered_at IS NULL ORDER BY id DESC LIMIT ?', [
        limit,
      ])) as readonly SettledPromise[],
    lostOutcomes: async (chatId, limit) => (await select(statements.lostOutcomes, [chatId, limit])) as readonly SettledPromise[],
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

const refusal = (why: string, promises: readonly AgentPromise[]): PortError => {
  const names = promises.map(({ id, version }) => `#${id} at version ${version}`).join(', ');
  return new PortError('concurrency', `${why}: ${names}`, { retryable: true });
};

const COUNTS = PROMISE_STATUSES.map(
  (status) => `SELECT '${status}' AS status, COUNT(*) AS count FROM promises WHERE status = '${status}'`,
).join(' UNION ALL ');
