import {
  type AgentPromise,
  capacityFor,
  claimableAt,
  inTurn,
  type LeasedPromise,
  type PromiseId,
  type TaskType,
  transition,
  withinShares,
} from '../../../domain/index.ts';
import type { ClaimRequest } from '../../../ports/index.ts';
import type { StoredPromises } from '../../sql/promise-store.ts';
import type { PostgresTransaction } from '../sql.ts';
import type { PostgresStorage } from '../storage.ts';
import { type Found, findClaimable, type Running } from './claimable.ts';
import type { JobEngine } from './job-engine.ts';
import { discard, putBack, type TakenJob, takeJobs } from './taken-jobs.ts';
import { holdTenants } from './tenants.ts';

/**
 * Claims in one transaction: pg-boss chooses the next jobs, and the promise's own row decides whether it can start. A
 * job goes back to its place if somebody else is changing its promise, if its promise is not due, or if more urgent
 * promises take its slot. A job whose promise is no longer pending is deleted.
 */
export const makeClaim =
  (boss: JobEngine, { sql, promisesIn }: Pick<PostgresStorage, 'sql' | 'promisesIn'>) =>
  async (request: ClaimRequest): Promise<readonly LeasedPromise[]> => {
    const { tenantConcurrency } = request;
    if (request.limit <= 0) return [];
    const found = await findClaimable(sql.read, request);
    if (found.turns.length === 0) return [];
    const turns = turnsOf(found, request);
    const shares =
      tenantConcurrency === undefined ? undefined : { each: tenantConcurrency, running: found.running, crowded: turns.crowded };

    return sql.write(async (transaction) => {
      const promises = promisesIn(transaction);
      const taken = await Promise.all(Array.from(turns.jobs, ([type, count]) => takeJobs(boss, transaction, type, count, shares)));
      const jobs = taken.flat();
      const ids = [...turns.takenOver, ...jobs.flatMap(({ promise }) => promise ?? [])];
      // Both statements are sent together. The second never waits for a promise that somebody else is changing: they
      // may be waiting for its job, which this transaction holds.
      const [running, free] = await Promise.all([
        tenantConcurrency === undefined ? undefined : holdTenants(transaction, jobs),
        promises.lockFree(ids),
      ]);
      const started = start(free, request, running);
      await promises.saveLocked(started);

      const begun = new Set(started.map(({ id }) => id));
      const left = jobs.filter(({ promise }) => promise === undefined || !begun.has(promise));
      if (left.length > 0) await sendOff(boss, transaction, promises, left);
      return started.map((promise) => ({ ...promise, version: promise.version + 1 }));
    });
  };

/** Puts back or deletes the jobs whose promises don't start. */
const sendOff = async (
  boss: JobEngine,
  transaction: PostgresTransaction,
  promises: StoredPromises,
  jobs: readonly TakenJob[],
): Promise<void> => {
  const stored = await promises.getMany(jobs.flatMap(({ promise }) => promise ?? []));
  const pending = new Set(stored.filter(({ status }) => status === 'pending').map(({ id }) => id));
  const isEarly = ({ promise }: TakenJob) => promise !== undefined && pending.has(promise);
  await putBack(boss, transaction, jobs.filter(isEarly));
  await discard(
    boss,
    transaction,
    jobs.filter((job) => !isEarly(job)),
  );
};

/** The promises whose turn it is. */
interface Turns {
  /** Promises whose workers have lost their leases. */
  readonly takenOver: readonly PromiseId[];
  /** How many jobs of each type to take. */
  readonly jobs: ReadonlyMap<TaskType, number>;
  /** Whether a tenant is at its limit and has more promises due. */
  readonly crowded: boolean;
}

const turnsOf = ({ turns, running }: Found, request: ClaimRequest): Turns => {
  const first = withinShares(turns, request, running);
  const due = turns.filter(({ status }) => status === 'pending');
  const jobs = new Map<TaskType, number>();
  for (const { taskType, status } of first) if (status === 'pending') jobs.set(taskType, (jobs.get(taskType) ?? 0) + 1);
  // More jobs are taken than start, and the rest go back, in two cases: only one type is due (some of its jobs may be
  // stray or early), or a tenant is at its limit (jobs behind its own may be as urgent).
  const alone = new Set(due.map(({ taskType }) => taskType)).size === 1;
  const placed = new Set(withinShares(turns, { ...request, limit: Number.POSITIVE_INFINITY }, running));
  const out = due.filter((turn) => !placed.has(turn));
  for (const { taskType } of alone ? due : out) jobs.set(taskType, capacityFor(request, taskType));
  return { takenOver: first.flatMap(({ id, status }) => (status === 'pending' ? [] : [id])), jobs, crowded: out.length > 0 };
};

const start = (promises: readonly AgentPromise[], request: ClaimRequest, running: Running = new Map()): LeasedPromise[] => {
  const { now: at, workerId, leaseMs } = request;
  const startable = promises.flatMap((promise) => {
    const next = transition(promise, { type: 'start', at, workerId, leaseMs });
    return next.ok && next.value.status === 'in_progress' ? [{ ...promise, at: claimableAt(promise) ?? 0, started: next.value }] : [];
  });
  return withinShares(startable.toSorted(inTurn), request, running).map(({ started }) => started);
};
