import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { PromiseStore, PurgeRequest } from '../../ports/promise-store.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** An outcome that could not be delivered may still be: with the next answer in its chat. */
const UNDELIVERED_MS = 30 * DAY_MS;
/** Few enough that nobody waits long behind one. */
const BATCH = 500;
const INTERVAL_MS = 60 * 60 * 1000;
const BETWEEN_BATCHES_MS = 1_000;

/** What may go of promises that are kept for `retentionMs` once they have settled. */
const purgeAt = (now: number, retentionMs: number): Omit<PurgeRequest, 'limit'> => ({
  settledBefore: now - retentionMs,
  undeliveredBefore: now - Math.max(retentionMs, UNDELIVERED_MS),
});

/** Purges settled promises past their retention, a batch at a time, every hour. Any number of these may run side by side. */
export const makePurgeLoop = (deps: {
  readonly promises: Pick<PromiseStore, 'purge'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
}): Loop => {
  const { promises, clock, logger } = deps;
  const look = async (): Promise<number | undefined> => {
    const purged = await promises.purge({ ...purgeAt(clock.now(), deps.retentionMs), limit: BATCH });
    if (purged.length > 0) logger.info({ purged: purged.length }, 'settled promises were purged');
    return purged.length === BATCH ? clock.now() + BETWEEN_BATCHES_MS : undefined;
  };
  return makeLoop({ ...deps, intervalMs: INTERVAL_MS, look });
};

export type PurgePromises = (options?: { readonly olderThanMs?: number; readonly dryRun?: boolean }) => Promise<number>;

/** Purges at once all that may go; resolves to how many went, or, in a dry run, would go. */
export const makePurgePromises =
  (deps: {
    readonly promises: Pick<PromiseStore, 'purge' | 'purgeable'>;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly retentionMs: number;
  }): PurgePromises =>
  async ({ olderThanMs = deps.retentionMs, dryRun = false } = {}) => {
    const request = purgeAt(deps.clock.now(), olderThanMs);
    if (dryRun) return (await deps.promises.purgeable({ ...request, limit: Number.MAX_SAFE_INTEGER })).length;
    let purged = 0;
    for (let batch = BATCH; batch === BATCH; purged += batch) batch = (await deps.promises.purge({ ...request, limit: BATCH })).length;
    deps.logger.info({ purged, olderThanMs }, 'settled promises were purged, as asked');
    return purged;
  };
