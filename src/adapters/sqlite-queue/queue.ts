import { type LeasedPromise, type PromiseId, transition } from '../../domain/index.ts';
import type { PromiseQueue } from '../../ports/index.ts';
import type { QueueStorage, Statements } from './sql.ts';

const PRIORITIES = '(VALUES (1), (2), (3), (4), (5), (6), (7), (8), (9), (10)) AS level';
/** Seeks to the due ones of each priority: neither a long backlog nor a million promises for later are read. */
export const CLAIMABLE = `SELECT promises.id FROM ${PRIORITIES} CROSS JOIN promises WHERE promises.id IN
  (SELECT id FROM promises WHERE priority = level.column1 AND claimable_at <= ? ORDER BY claimable_at, id LIMIT ?)
  ORDER BY promises.priority, promises.claimable_at, promises.id LIMIT ?`;
export const NEXT_DUE = `SELECT MIN((SELECT MIN(claimable_at) FROM promises WHERE priority = level.column1 AND claimable_at IS NOT NULL)) AS at
  FROM ${PRIORITIES}`;
/** `+` keeps SQLite from going through every promise that is in progress. */
const HELD = `id IN (SELECT value FROM json_each(?)) AND +status = 'in_progress' AND lease_worker = ?`;

export const HOLDERS = `SELECT DISTINCT lease_worker AS worker FROM promises WHERE status = 'in_progress'`;
export const END_LEASES = `UPDATE promises SET lease_expires_at = ?
  WHERE status = 'in_progress' AND lease_expires_at > ? AND lease_worker IN (SELECT value FROM json_each(?))`;

interface IdRow {
  readonly id: PromiseId;
}

/**
 * Hands out the promises of the SQLite storage, to workers of any process that has the file open. Claims and heartbeats
 * share transactions with whatever else is written at that moment.
 */
export const makeSqliteQueue = <Transaction extends Statements>({ sql, promisesIn }: QueueStorage<Transaction>): PromiseQueue => ({
  claim: async ({ workerId, now, leaseMs, limit }) => {
    const claimable = [now, limit, limit];
    // Most looks find nothing: they cost no transaction.
    if ((await sql.read(CLAIMABLE, claimable)).length === 0) return [];
    return sql.write(async (transaction) => {
      const ids = (await transaction.query<IdRow>(CLAIMABLE, claimable)).map(({ id }) => id);
      if (ids.length === 0) return [];
      const promises = promisesIn(transaction);
      const found = new Map((await promises.getMany(ids)).map((promise) => [promise.id, promise]));
      const started = ids.flatMap((id): LeasedPromise[] => {
        const promise = found.get(id);
        const next = promise && transition(promise, { type: 'start', at: now, workerId, leaseMs });
        return next?.ok && next.value.status === 'in_progress' ? [next.value] : [];
      });
      await promises.saveMany(started);
      return started.map((promise) => ({ ...promise, version: promise.version + 1 }));
    });
  },
  heartbeat: async ({ workerId, ids, now, leaseMs }) => {
    if (ids.length === 0) return [];
    const extend = `UPDATE promises SET lease_expires_at = ? WHERE ${HELD} RETURNING id`;
    return sql.write(async ({ query }) => (await query<IdRow>(extend, [now + leaseMs, JSON.stringify(ids), workerId])).map(({ id }) => id));
  },
  held: async (workerId, ids) =>
    (await sql.read<IdRow>(`SELECT id FROM promises WHERE ${HELD}`, [JSON.stringify(ids), workerId])).map(({ id }) => id),
  holders: async () => (await sql.read<{ worker: string }>(HOLDERS)).map(({ worker }) => worker),
  endLeases: async (workerIds, now) => {
    if (workerIds.length === 0) return;
    await sql.write(({ query }) => query(END_LEASES, [now, now, JSON.stringify(workerIds)]));
  },
  nextDueAt: async () => (await sql.read<{ at: number | null }>(NEXT_DUE))[0]?.at ?? undefined,
});
