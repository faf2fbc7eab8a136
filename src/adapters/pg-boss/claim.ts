import type { PgBoss } from 'pg-boss';
import { type AgentPromise, type LeasedPromise, type PromiseId, type TaskType, transition } from '../../domain/index.ts';
import type { ClaimRequest } from '../../ports/index.ts';
import { type Claimable, lookForClaimable } from './look.ts';
import { idList, type QueueStorage, type Statements } from './storage.ts';
import { discard, putBack, type Shares, type TakenJob, takeJobs } from './taken-jobs.ts';
import { countRunning, holdTenants } from './tenants.ts';

/** It never waits for a promise that somebody is changing: they may be waiting for its job, which this transaction holds. */
const LOCK_FREE = 'SELECT id FROM promises WHERE id = ANY(?::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED';

/**
 * Claims in one transaction: pg-boss says whose turn it is, and the promise's own row whether it can start. A job goes back to its place where
 * the promise is being changed by somebody, is not due by the worker's clock (pg-boss goes by the server's), or is over its tenant's share;
 * a job whose promise isn't pending any more goes.
 */
export const makeClaim =
  <Transaction extends Statements>(boss: PgBoss, { sql, promisesIn }: QueueStorage<Transaction>) =>
  async (request: ClaimRequest): Promise<readonly LeasedPromise[]> => {
    const { perTenant } = request;
    if (request.limit <= 0) return [];
    const [claimable, running] = await Promise.all([
      lookForClaimable(sql.read, request),
      perTenant === undefined ? undefined : countRunning(sql.read),
    ]);
    if (claimable.lapsed.length + claimable.due.length === 0) return [];
    const shares = perTenant === undefined || !running ? undefined : { each: perTenant, running };

    return sql.write(async (transaction) => {
      const { takenOver, jobs } = await takeTurns(boss, transaction, request, claimable, shares);
      const ids = [...takenOver, ...jobs.flatMap(({ promise }) => promise ?? [])];
      const current = shares && { ...shares, running: await holdTenants(transaction, jobs) };
      const promises = promisesIn(transaction);
      // Asked for at once, run one after the other: what is free is read as it was locked.
      const [locked, read] = await Promise.all([transaction.query<{ id: PromiseId }>(LOCK_FREE, [idList(ids)]), promises.getMany(ids)]);
      const free = new Set(locked.map(({ id }) => id));
      const found = new Map(read.map((promise) => [promise.id, promise]));
      const startable = [...found.values()].filter(({ id }) => free.has(id));
      const started = start(startable, request, current);
      await promises.saveMany(started);

      const begun = new Set(started.map(({ id }) => id));
      const left = Object.groupBy(jobs, ({ promise }) => {
        if (promise === undefined) return 'stray';
        if (begun.has(promise)) return 'begun';
        return found.get(promise)?.status === 'pending' ? 'early' : 'stray';
      });
      await putBack(boss, transaction, left.early ?? []);
      await discard(boss, transaction, left.stray ?? []);
      return started.map((promise) => ({ ...promise, version: promise.version + 1 }));
    });
  };

/** Whose turn it is, as far as there is room: first what its worker has lost, then what is due. */
const takeTurns = async (
  boss: PgBoss,
  transaction: Statements,
  { limit, room = {} }: ClaimRequest,
  claimable: Claimable,
  shares?: Shares,
) => {
  const takenOver: PromiseId[] = [];
  const jobs: TakenJob[] = [];
  const used = new Map<TaskType, number>();
  const free = (type: TaskType): number => Math.min(limit - takenOver.length - jobs.length, (room[type] ?? limit) - (used.get(type) ?? 0));
  for (const { id, type } of claimable.lapsed) {
    if (free(type) <= 0) continue;
    takenOver.push(id);
    used.set(type, (used.get(type) ?? 0) + 1);
  }
  for (const type of claimable.due) if (free(type) > 0) jobs.push(...(await takeJobs(boss, transaction, type, free(type), shares)));
  return { takenOver, jobs };
};

const claimableAt = (promise: AgentPromise): number => {
  if (promise.status === 'pending') return promise.dueAt;
  return promise.status === 'in_progress' ? promise.lease.expiresAt : 0;
};

const start = (promises: readonly AgentPromise[], { now, workerId, leaseMs }: ClaimRequest, shares?: Shares): LeasedPromise[] => {
  const running = new Map(shares?.running);
  const byUrgency = (a: AgentPromise, b: AgentPromise) => a.priority - b.priority || claimableAt(a) - claimableAt(b) || a.id - b.id;
  return promises.toSorted(byUrgency).flatMap((promise) => {
    const { tenant, status } = promise;
    const its = (running.get(tenant) ?? 0) + (status === 'pending' ? 1 : 0);
    if (shares && status === 'pending' && its > shares.each) return [];
    const next = transition(promise, { type: 'start', at: now, workerId, leaseMs });
    if (!next.ok || next.value.status !== 'in_progress') return [];
    running.set(tenant, its);
    return [next.value];
  });
};
