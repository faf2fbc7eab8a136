import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';
import { makeHourlyPurge } from '../loops/hourly-purge.ts';
import type { Loop } from '../loops/loop.ts';

/** How long the ledger keeps its entries: more than a year, so that months can be compared. */
const LEDGER_RETENTION_MS = 400 * 86_400_000;

/** Purges old entries of the ledger. */
export const makePurgeLedger = ({
  ledger,
  changes,
  clock,
  events,
}: {
  readonly ledger: Pick<Ledger, 'purge'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop =>
  makeHourlyPurge({
    name: 'purge-ledger',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'ledger-purged', count }),
    purge: (now, limit) => ledger.purge({ before: now - LEDGER_RETENTION_MS, limit }),
  });
