import type { PgBoss } from 'pg-boss';
import { type AgentPromise, type LeasedPromise, type PromiseId, type TaskType, transition, withinShares } from '../../domain/index.ts';
import type { ClaimRequest } from '../../ports/index.ts';
import { inTurn, lookForClaimable, roomFor, type Turn } from './look.ts';
import { idList, type QueueStorage, type Statements } from './storage.ts';
import { discard, putBack, type TakenJob, takeJobs } from './taken-jobs.ts';
import { countRunning, holdTenants, type Running } from './tenants.ts';

/** It never waits for a promise that somebody is changing: they may be waiting for its job, which this transaction holds. */
const LOCK_FREE = 'SELECT id FROM promises WHERE id = ANY(?::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED';

/**
 * Claims in one transaction: pg-boss says whose turn it is, and the promise's own row whether it can start. A job goes back to its place where
 * the promise is being changed by somebody, is not due by the worker's clock (pg-boss goes by the server's), or has no place behind more urgent ones;
 * a job whose promise isn't pending any more goes.
 */
export const makeClaim =
  <Transaction extends Statements>(boss: PgBoss, { sql, promisesIn }: QueueStorage<Transaction>) =>
  async (request: ClaimRequest): Promise<readonly LeasedPromise[]> => {
    const { perTenant } = request;
    if (request.limit <= 0) return [];
    const [found, running] = await Promise.all([
      lookForClaimable(sql.read, request),
      perTenant === undefined ? undefined : countRunning(sql.read),
    ]);
    if (found.length === 0) return [];
    const shares = perTenant === undefined || !running ? undefined : { each: perTenant, running };
    const turns = turnsOf(found, request, running);

    return sql.write(async (transaction) => {
      const jobs: TakenJob[] = [];
      for (const [type, count] of turns.jobs) jobs.push(...(await takeJobs(boss, transaction, type, count, shares)));
      const ids = [...turns.takenOver, ...jobs.flatMap(({ promise }) => promise ?? [])];
      const current = shares && (await holdTenants(transaction, jobs));
      const promises = promisesIn(transaction);
      // Asked for at once, run one after the other: what is free is read as it was locked.
      const [locked, read] = await Promise.all([transaction.query<{ id: PromiseId }>(LOCK_FREE, [idList(ids)]), promises.getMany(ids)]);
      const free = new Set(locked.map(({ id }) => id));
      const stored = new Map(read.map((promise) => [promise.id, promise]));
      const startable = [...stored.values()].filter(({ id }) => free.has(id));
      const started = start(startable, request, current);
      await promises.saveMany(started);

      const begun = new Set(started.map(({ id }) => id));
      const left = Object.groupBy(jobs, ({ promise }) => {
        if (promise === undefined) return 'stray';
        if (begun.has(promise)) return 'begun';
        return stored.get(promise)?.status === 'pending' ? 'early' : 'stray';
      });
      await putBack(boss, transaction, left.early ?? []);
      await discard(boss, transaction, left.stray ?? []);
      return started.map((promise) => ({ ...promise, version: promise.version + 1 }));
    });
  };

/** Whose turn it is. */
interface Turns {
  /** What workers have lost. */
  readonly takenOver: readonly PromiseId[];
  /** How many jobs of each type are to be taken. */
  readonly jobs: ReadonlyMap<TaskType, number>;
}

const turnsOf = (found: readonly Turn[], request: ClaimRequest, running: Running = new Map()): Turns => {
  const first = withinShares(found, request, running);
  const due = found.filter(({ status }) => status === 'pending');
  const jobs = new Map<TaskType, number>();
  for (const { taskType, status } of first) if (status === 'pending') jobs.set(taskType, (jobs.get(taskType) ?? 0) + 1);
  // As many as there is room for, of which too many go back: where one type is due alone (some jobs may be stray or early), and where a
  // tenant has no place, as behind it there may be others as urgent as any.
  const alone = new Set(due.map(({ taskType }) => taskType)).size === 1;
  const placed = new Set(withinShares(found, { ...request, limit: Number.POSITIVE_INFINITY }, running));
  for (const turn of due) if (alone || !placed.has(turn)) jobs.set(turn.taskType, roomFor(request, turn.taskType));
  return { takenOver: first.flatMap(({ id, status }) => (status === 'pending' ? [] : [id])), jobs };
};

const claimableAt = (promise: AgentPromise): number => {
  if (promise.status === 'pending') return promise.dueAt;
  return promise.status === 'in_progress' ? promise.lease.expiresAt : 0;
};

const start = (promises: readonly AgentPromise[], request: ClaimRequest, running: Running = new Map()): LeasedPromise[] => {
  const { now: at, workerId, leaseMs } = request;
  const startable = promises.flatMap((promise) => {
    const next = transition(promise, { type: 'start', at, workerId, leaseMs });
    const { id, tenant, taskType, status, priority } = promise;
    const turn: Turn = { id, tenant, taskType, status, priority, at: claimableAt(promise) };
    return next.ok && next.value.status === 'in_progress' ? [{ ...turn, started: next.value }] : [];
  });
  return withinShares(startable.toSorted(inTurn), request, running).map(({ started }) => started);
};
