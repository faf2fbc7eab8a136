import { KEY_RETENTION_MS, MAX_KEYS } from '../../domain/shared/request-keys.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { RequestKeys } from '../../ports/storage/request-keys.ts';
import { makeHourlyPurge } from '../loops/hourly-purge.ts';
import type { Loop } from '../loops/loop.ts';

/** Purges idempotency keys, with the answers that are kept for them. */
export const makePurgeRequestKeys = ({
  requestKeys,
  changes,
  clock,
  events,
}: {
  readonly requestKeys: Pick<RequestKeys, 'purge'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop =>
  makeHourlyPurge({
    name: 'purge-request-keys',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'request-keys-purged', count }),
    purge: (now, limit) => requestKeys.purge({ before: now - KEY_RETENTION_MS, most: MAX_KEYS, limit }),
  });
