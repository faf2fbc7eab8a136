import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import { makeHourlyPurge } from '../loops/hourly-purge.ts';
import type { Loop } from '../loops/loop.ts';

/** How long it is kept that a stranger has written: longer than a gateway brings a message again. */
export const DENIED_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
/** At most so many of these are kept, however many strangers write. */
export const MAX_DENIED_KEPT = 10_000;

/** Purges what denied messages have left. */
export const makePurgeDenied = ({
  messages,
  changes,
  clock,
  events,
}: {
  readonly messages: Pick<MessageStore, 'purgeDenied'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
}): Loop =>
  makeHourlyPurge({
    name: 'purge-denied',
    changes,
    clock,
    events,
    onPurged: (count) => events.emit({ type: 'denied-messages-purged', count }),
    purge: (now, limit) => messages.purgeDenied({ receivedBefore: now - DENIED_RETENTION_MS, keep: MAX_DENIED_KEPT, limit }),
  });
