import { type LeasedPromise, type PromiseId, transition } from '../../domain/index.ts';
import type { ClaimRequest, PromiseQueue } from '../../ports/index.ts';
import type { QueueStorage } from '../sql/queue-storage.ts';
import type { Transaction } from '../sql/sql.ts';
import { findClaimable, findNextDueAt } from './claimable.ts';

/** With `+`, SQLite does not read every promise that is in progress. */
const HELD = `id IN (SELECT value FROM json_each(?)) AND +status = 'in_progress' AND lease_worker = ?`;

const LET_GO = `UPDATE promises SET lease_worker = NULL, lease_expires_at = NULL
  WHERE (id, attempts) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?)) AND +status IN ('failed', 'cancelled') AND lease_worker = ?`;
/** Each part repeats the condition of an index word by word, so that SQLite uses the index. */
const KEPT_BY_SETTLED = `SELECT id, lease_worker AS worker FROM promises WHERE status = 'failed' AND lease_worker IS NOT NULL
  UNION ALL SELECT id, lease_worker FROM promises WHERE status = 'cancelled' AND lease_worker IS NOT NULL`;
const HOLDERS = `SELECT lease_worker AS worker FROM promises WHERE status = 'in_progress' UNION SELECT worker FROM (${KEPT_BY_SETTLED})`;
const END_LEASES = `UPDATE promises SET lease_expires_at = ?
  WHERE status = 'in_progress' AND lease_expires_at > ? AND lease_worker IN (SELECT value FROM json_each(?))`;
const FREE_SETTLED = `UPDATE promises SET lease_worker = NULL, lease_expires_at = NULL
  WHERE id IN (SELECT id FROM (${KEPT_BY_SETTLED}) WHERE worker IN (SELECT value FROM json_each(?)))`;

interface IdRow {
  readonly id: PromiseId;
}

/**
 * Hands out the promises of the SQLite storage to workers of any process that has the file open. Claims and heartbeats
 * share transactions with all other writes.
 */
export const makeSqliteQueue = <T extends Transaction>({ sql, promisesIn }: QueueStorage<T>): PromiseQueue => {
  let more = false;

  const start = async (transaction: T, request: ClaimRequest): Promise<readonly LeasedPromise[]> => {
    const ids = await findClaimable(transaction.query, request);
    if (ids.length === 0) return [];
    const { workerId, now, leaseMs } = request;
    const promises = promisesIn(transaction);
    const found = new Map((await promises.getMany(ids)).map((promise) => [promise.id, promise]));
    const started = ids.flatMap((id): LeasedPromise[] => {
      const promise = found.get(id);
      const next = promise && transition(promise, { type: 'start', at: now, workerId, leaseMs });
      return next?.ok && next.value.status === 'in_progress' ? [next.value] : [];
    });
    await promises.saveLocked(started);
    return started.map((promise) => ({ ...promise, version: promise.version + 1 }));
  };

  return {
    claim: async (request) => {
      // Most polls find nothing, and cost no transaction. If the last claim was full, the next one will find some
      // promises too.
      if (!more && (await findClaimable(sql.read, request)).length === 0) return [];
      const started = await sql.write((transaction) => start(transaction, request));
      more = started.length >= Math.max(1, request.limit);
      return started;
    },
    heartbeat: async ({ workerId, ids, now, leaseMs }) => {
      if (ids.length === 0) return [];
      const extend = `UPDATE promises SET lease_expires_at = MAX(lease_expires_at, ?) WHERE ${HELD} RETURNING id`;
      return sql.write(async ({ query }) =>
        (await query<IdRow>(extend, [now + leaseMs, JSON.stringify(ids), workerId])).map(({ id }) => id),
      );
    },
    stillLeased: async (workerId, ids) =>
      (await sql.read<IdRow>(`SELECT id FROM promises WHERE ${HELD}`, [JSON.stringify(ids), workerId])).map(({ id }) => id),
    leaseHolders: async () => (await sql.read<{ worker: string }>(HOLDERS)).map(({ worker }) => worker),
    endLeases: async (workerIds, now) => {
      if (workerIds.length === 0) return;
      const dead = JSON.stringify(workerIds);
      await sql.write(async ({ query }) => {
        await query(END_LEASES, [now, now, dead]);
        await query(FREE_SETTLED, [dead]);
      });
    },
    releaseLeases: async (workerId, runs) => {
      if (runs.length === 0) return;
      const ended = JSON.stringify(runs.map(({ id, attempts }) => [id, attempts]));
      await sql.write(({ query }) => query(LET_GO, [ended, workerId]));
    },
    nextDueAt: () => findNextDueAt(sql.read),
  };
};
