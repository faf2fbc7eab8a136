import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';

/** So many of those in progress are asked for their leases, the newest first. */
const LOOKED_AT = 1_000;

/** Whether somebody keeps a promise under a lease that has not run out, or did so no longer ago than `graceMs`. */
export const hasLiveLease = async (queries: Pick<PromiseQueries, 'find'>, now: number, graceMs = 0): Promise<boolean> =>
  (await queries.find({ statuses: ['in_progress'], newestFirst: true, limit: LOOKED_AT })).some(
    (promise) => promise.status === 'in_progress' && now - promise.lease.expiresAt <= graceMs,
  );

/** What a live lease shows, where no worker of the register gives a sign of life. */
export const UNREGISTERED_WORKER = 'a worker that is not in the register keeps promises: it is of an older version';
