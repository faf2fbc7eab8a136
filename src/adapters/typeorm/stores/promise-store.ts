import { type AgentPromise, PROMISE_STATUSES, type PromiseId, type PromiseStatus, type SettledPromise } from '../../../domain/index.ts';
import { PortError, type PromiseFilter, type PromiseStore } from '../../../ports/index.ts';
import { type PromiseRow, promiseFromRow, promiseToRow, STATE_COLUMNS, stateToRow, TERM_COLUMNS } from './promise-row.ts';
import { type Sql, type SqlValue, toJson } from './sql.ts';

const parts = (columns: readonly string[]) => columns.map((column) => `value ->> '${column}'`).join(', ');
const COLUMNS = [...TERM_COLUMNS, ...STATE_COLUMNS, 'version'];
const INSERT = `INSERT INTO promises (${COLUMNS.join(', ')}) SELECT ${parts(COLUMNS)} FROM json_each(?) ORDER BY key`;
const INSERT_DEPENDENCIES = `INSERT INTO promise_dependencies (promise_id, position, parent_id)
  SELECT made.value ->> 'id', parent.key, parent.value FROM json_each(?) made, json_each(made.value, '$.dependsOn') parent`;
const UPDATE = `UPDATE promises SET ${STATE_COLUMNS.map((column) => `${column} = state.value ->> '${column}'`).join(', ')}, version = version + 1
  FROM json_each(?) state WHERE promises.id = state.value ->> 'id' AND promises.version = state.value ->> 'version' RETURNING promises.id`;
const COUNT_CURRENT = `SELECT COUNT(*) AS count FROM json_each(?) state JOIN promises
  ON promises.id = state.value ->> 'id' AND promises.version = state.value ->> 'version'`;
const SELECT = `SELECT promises.*, (SELECT json_group_array(parent_id ORDER BY position) FROM promise_dependencies WHERE promise_id = promises.id)
  AS depends_on FROM promises`;
const IN_LIST = 'IN (SELECT value FROM json_each(?))';

/** Promises in SQLite, over the database itself or over one transaction. */
export const makePromiseStore = (sql: Sql): PromiseStore => {
  const select = async (rest: string, params: readonly SqlValue[]): Promise<readonly AgentPromise[]> =>
    (await sql.read<PromiseRow>(`${SELECT} ${rest}`, params)).map(promiseFromRow);

  const saveMany = (promises: readonly AgentPromise[]): Promise<void> =>
    sql.write(async ({ query }) => {
      const rows = toJson(promises.map(stateToRow));
      // Counted first where there are several: a refusal must leave nothing behind, even in a unit of work that goes on after it.
      const [current] = promises.length > 1 ? await query<{ count: number }>(COUNT_CURRENT, [rows]) : [];
      const saved = current && current.count !== promises.length ? [] : await query(UPDATE, [rows]);
      if (saved.length === promises.length) return;
      const names = promises.map(({ id, version }) => `#${id} at version ${version}`).join(', ');
      throw new PortError('concurrency', `somebody else has changed the promise: ${names}`, { retryable: true });
    });

  return {
    reserveIds: (count) =>
      sql.write(async ({ query, keep }) => {
        const take = `UPDATE counters SET value = value + ? WHERE name = 'promise' RETURNING value`;
        const last = Number((await query<{ value: number }>(take, [count]))[0]?.value);
        keep(`UPDATE counters SET value = max(value, ?) WHERE name = 'promise'`, [last]);
        return Array.from({ length: count }, (_, i) => (last - count + 1 + i) as PromiseId);
      }),
    add: (promises) =>
      sql.write(async ({ query }) => {
        await query(INSERT, [toJson(promises.map(promiseToRow))]);
        const children = promises.filter(({ dependsOn }) => dependsOn.length > 0).map(({ id, dependsOn }) => ({ id, dependsOn }));
        if (children.length > 0) await query(INSERT_DEPENDENCIES, [toJson(children)]);
      }),
    get: async (id) => (await select('WHERE id = ?', [id]))[0],
    getMany: (ids) => select(`WHERE id ${IN_LIST} ORDER BY id`, [toJson(ids)]),
    find: ({ limit, newestFirst, ...filter }) => {
      const { where, params } = conditions(filter);
      return select(`${where} ORDER BY id ${newestFirst ? 'DESC' : 'ASC'} LIMIT ?`, [...params, limit]);
    },
    findByKey: async (chatId, key) => (await select('WHERE chat_id = ? AND idempotency_key = ?', [chatId, key]))[0],
    waitingOn: (parent) =>
      select(`WHERE id IN (SELECT promise_id FROM promise_dependencies WHERE parent_id = ?) AND status = 'waiting' ORDER BY id`, [parent]),
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
    stats: async () => {
      const rows = await sql.read<{ status: PromiseStatus; count: number }>(
        'SELECT status, COUNT(*) AS count FROM promises GROUP BY status',
      );
      const counts = Object.fromEntries(PROMISE_STATUSES.map((status) => [status, 0])) as Record<PromiseStatus, number>;
      for (const { status, count } of rows) counts[status] = count;
      return counts;
    },
  };
};

const conditions = ({ statuses, chatId, messageId, taskTypes, tenant }: Partial<PromiseFilter>): { where: string; params: SqlValue[] } => {
  const terms: string[] = [];
  const params: SqlValue[] = [];
  const add = (term: string, value: SqlValue | undefined) => {
    if (value === undefined) return;
    terms.push(term);
    params.push(value);
  };
  add('chat_id = ?', chatId);
  add('message_id = ?', messageId);
  add(`status ${IN_LIST}`, statuses && toJson(statuses));
  add(`task_type ${IN_LIST}`, taskTypes && toJson(taskTypes));
  add('tenant = ?', tenant);
  return { where: terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '', params };
};
