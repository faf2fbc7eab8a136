import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import { makeHourlyPurge } from '../loops/hourly-purge.ts';
import type { Loop } from '../loops/loop.ts';

/** Purges the steps of turns after as long as settled promises are kept. Those of a promise go with it. */
export const makePurgeRuns = ({
  journal,
  retentionMs,
  changes,
  clock,
  events,
}: {
  readonly journal: Pick<Journal, 'purge'>;
  readonly retentionMs: number;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop =>
  makeHourlyPurge({
    name: 'purge-runs',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'runs-purged', count }),
    purge: (now, limit) => journal.purge({ before: now - retentionMs, limit }),
  });
