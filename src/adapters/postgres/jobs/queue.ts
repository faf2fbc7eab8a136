import type { PromiseId } from '../../../domain/index.ts';
import type { PromiseQueue } from '../../../ports/index.ts';
import { inCallersTime } from '../server-time.ts';
import type { PostgresStorage } from '../storage.ts';
import type { Boss } from './boss.ts';
import { makeClaim } from './claim.ts';
import { NEXT_DUE } from './claimable.ts';

interface IdRow {
  readonly id: PromiseId;
}

const HELD = `id = ANY(?::bigint[]) AND status = 'in_progress' AND lease_worker = ?`;
/** Locks promises in the order of their ids, as every transaction does. */
const EXTEND = `WITH held AS (SELECT id FROM promises WHERE ${HELD} ORDER BY id FOR NO KEY UPDATE)
  UPDATE promises SET lease_expires_at = GREATEST(lease_expires_at, ?) FROM held WHERE promises.id = held.id RETURNING promises.id`;
const HOLDERS = `SELECT lease_worker AS worker FROM promises WHERE status = 'in_progress'
  UNION SELECT lease_worker FROM promises WHERE status IN ('failed', 'cancelled') AND lease_worker IS NOT NULL`;
const END_LEASES = `WITH ended AS (SELECT id FROM promises WHERE lease_worker = ANY($2::text[])
    AND (status = 'in_progress' AND lease_expires_at > $1 OR status IN ('failed', 'cancelled')) ORDER BY id FOR NO KEY UPDATE)
  UPDATE promises SET lease_worker = CASE status WHEN 'in_progress' THEN lease_worker END,
    lease_expires_at = CASE status WHEN 'in_progress' THEN $1 END FROM ended WHERE promises.id = ended.id`;

const LET_GO = `WITH ended AS (SELECT id FROM promises WHERE id = ANY(?::bigint[]) AND id || ':' || attempts = ANY(?::text[])
    AND status IN ('failed', 'cancelled') AND lease_worker = ? ORDER BY id FOR NO KEY UPDATE)
  UPDATE promises SET lease_worker = NULL, lease_expires_at = NULL FROM ended WHERE promises.id = ended.id`;

/** Ids as one parameter, for `ANY(?::bigint[])`. */
const idList = (ids: readonly PromiseId[]): string => `{${ids.join(',')}}`;

/** Hands out the promises of the PostgreSQL storage to any number of workers on any number of machines. */
export const makeBossQueue = (
  { engine: boss }: Boss,
  storage: Pick<PostgresStorage, 'sql' | 'promisesIn' | 'serverTime'>,
): PromiseQueue => {
  const { sql } = storage;
  const queue: PromiseQueue = {
    claim: makeClaim(boss, storage),
    heartbeat: async ({ workerId, ids, now, leaseMs }) => {
      if (ids.length === 0) return [];
      const extend = [idList(ids), workerId, now + leaseMs];
      return sql.write(async ({ query }) => (await query<IdRow>(EXTEND, extend)).map(({ id }) => id), { quiet: true });
    },
    stillLeased: async (workerId, ids) =>
      (await sql.read<IdRow>(`SELECT id FROM promises WHERE ${HELD}`, [idList(ids), workerId])).map(({ id }) => id),
    leaseHolders: async () => (await sql.read<{ worker: string }>(HOLDERS)).map(({ worker }) => worker),
    endLeases: async (workerIds, now) => {
      if (workerIds.length === 0) return;
      await sql.write(({ executeSql }) => executeSql(END_LEASES, [now, workerIds]));
    },
    releaseLeases: async (workerId, runs) => {
      if (runs.length === 0) return;
      const ended = [idList(runs.map(({ id }) => id)), `{${runs.map(({ id, attempts }) => `${id}:${attempts}`).join(',')}}`, workerId];
      await sql.write(({ query }) => query(LET_GO, ended), { quiet: true });
    },
    nextDueAt: async () => (await sql.read<{ at: number | null }>(NEXT_DUE))[0]?.at ?? undefined,
  };
  return inCallersTime(queue, storage.serverTime);
};
