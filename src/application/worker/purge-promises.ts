import { operatorFact } from '../../domain/audit/facts.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { AuditLog } from '../../ports/storage/audit-log.ts';
import type { PromiseRetention, PurgeRequest } from '../../ports/storage/promise-retention.ts';
import type { PurgePromises } from '../../ports/use-cases/command-promise.ts';
import { makeHourlyPurge, PURGE_BATCH } from '../loops/hourly-purge.ts';
import type { Loop } from '../loops/loop.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** How long an undelivered outcome is kept: it may still be delivered with the next answer in its chat. */
const UNDELIVERED_MS = 30 * DAY_MS;

/** What to purge at `now` if promises are kept for `retentionMs` after they have settled. */
const purgeAt = (now: number, retentionMs: number): Omit<PurgeRequest, 'limit'> => ({
  settledBefore: now - retentionMs,
  undeliveredBefore: now - Math.max(retentionMs, UNDELIVERED_MS),
});

/** Purges settled promises past their retention. */
export const makePurgeLoop = ({
  promises,
  changes,
  clock,
  events,
  retentionMs,
}: {
  readonly promises: Pick<PromiseRetention, 'purge'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
  readonly retentionMs: number;
}): Loop =>
  makeHourlyPurge({
    name: 'purge-promises',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'promises-purged', count }),
    purge: async (now, limit) => (await promises.purge({ ...purgeAt(now, retentionMs), limit })).length,
  });

/** Purges at once. Resolves to the number of promises purged, or in a dry run, that would be. */
export const makePurgePromises =
  (deps: {
    readonly promises: PromiseRetention;
    readonly audit: Pick<AuditLog, 'add'>;
    readonly clock: Clock;
    readonly events: Events;
    readonly retentionMs: number;
  }): PurgePromises =>
  async ({ olderThanMs = deps.retentionMs, dryRun = false } = {}) => {
    const request = purgeAt(deps.clock.now(), olderThanMs);
    if (dryRun) return (await deps.promises.purgeable({ ...request, limit: Number.MAX_SAFE_INTEGER })).length;
    let purged = 0;
    for (let batch = PURGE_BATCH; batch === PURGE_BATCH; purged += batch)
      batch = (await deps.promises.purge({ ...request, limit: PURGE_BATCH })).length;
    if (purged > 0) await deps.audit.add([operatorFact('purge', { promises: purged, olderThanMs }, deps.clock.now())]);
    deps.events.emit({ type: 'promises-purged', count: purged, olderThanMs });
    return purged;
  };
