import type { PromiseId, TaskType } from '../../../domain/index.ts';
import type { PostgresTransaction } from '../sql.ts';
import type { Running } from './claimable.ts';
import type { FetchedJob, JobEngine } from './job-engine.ts';
import { type JobData, QUEUE_NAMES, queueOf } from './jobs.ts';

/** A job that pg-boss has handed out. */
export interface TakenJob {
  readonly id: string;
  readonly queue: string;
  /** Absent if another program has put the job there. */
  readonly promise?: PromiseId;
  readonly tenant: string;
}

/** How many promises of each tenant may be in progress at once, and how many are. */
export interface Shares {
  readonly each: number;
  readonly running: Running;
  /** Whether a tenant could get more than its limit. */
  readonly crowded: boolean;
}

/**
 * Takes up to `count` jobs of a type. If tenants have limits, pg-boss leaves out jobs beyond a limit and is asked again
 * for the jobs behind them, so that no tenant's backlog holds up others. It is only a first selection, because it
 * counts the jobs in progress of one queue.
 */
export const takeJobs = async (
  boss: JobEngine,
  db: PostgresTransaction,
  type: TaskType,
  count: number,
  shares?: Shares,
): Promise<TakenJob[]> => {
  const queue = queueOf(type);
  const running = new Map(shares?.running);
  const taken: TakenJob[] = [];
  for (;;) {
    const full = [...running].flatMap(([tenant, its]) => (shares && its >= shares.each ? [tenant] : []));
    const limits = { ignoreGroups: full, ...(shares?.crowded ? { groupConcurrency: shares.each } : {}) };
    const jobs = await boss.fetch<JobData | null>(queue, { batchSize: count - taken.length, db, ...limits });
    taken.push(...jobs.map((job) => takenFrom(queue, job)));
    if (!shares?.crowded || jobs.length === 0 || taken.length >= count) return taken;
    for (const { groupId } of jobs) if (groupId) running.set(groupId, (running.get(groupId) ?? 0) + 1);
  }
};

const takenFrom = (queue: string, { id, data, groupId }: FetchedJob<JobData | null>): TakenJob => ({
  id,
  queue,
  tenant: groupId ?? '',
  ...(data && Number.isSafeInteger(data.promise) ? { promise: data.promise } : {}),
});

/** Puts jobs back. They keep their places in the queue, which go by the time when a job was made. */
export const putBack = (boss: JobEngine, db: PostgresTransaction, jobs: readonly TakenJob[]): Promise<void> =>
  eachQueue(jobs, async (queue, ids) => {
    await boss.cancel(queue, ids, { db });
    await boss.resume(queue, ids, { db });
  });

export const discard = (boss: JobEngine, db: PostgresTransaction, jobs: readonly TakenJob[]): Promise<void> =>
  eachQueue(jobs, (queue, ids) => boss.deleteJob(queue, ids, { db }));

const eachQueue = async (jobs: readonly TakenJob[], act: (queue: string, ids: string[]) => Promise<unknown>): Promise<void> => {
  for (const queue of QUEUE_NAMES) {
    const ids = jobs.filter((job) => job.queue === queue).map(({ id }) => id);
    if (ids.length > 0) await act(queue, ids);
  }
};
