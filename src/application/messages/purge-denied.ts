import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { MessageStore } from '../../ports/message-store.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';

/** How long it is kept that a stranger has written: longer than a gateway brings a message again. */
export const DENIED_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
/** How many of these are kept at the most, however many strangers write. */
export const MAX_DENIED_KEPT = 10_000;
/** Few enough that nobody waits long behind one. */
const BATCH = 500;
const INTERVAL_MS = 60 * 60 * 1000;
const BETWEEN_BATCHES_MS = 1_000;

/** Purges what denied messages have left, a batch at a time, every hour. Any number of these may run side by side. */
export const makePurgeDenied = (deps: {
  readonly messages: Pick<MessageStore, 'purgeDenied'>;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
}): Loop => {
  const { messages, clock, logger } = deps;
  const look = async (): Promise<number | undefined> => {
    const receivedBefore = clock.now() - DENIED_RETENTION_MS;
    const purged = await messages.purgeDenied({ receivedBefore, keep: MAX_DENIED_KEPT, limit: BATCH });
    if (purged > 0) logger.info({ purged }, 'denied messages were purged');
    return purged === BATCH ? clock.now() + BETWEEN_BATCHES_MS : undefined;
  };
  return makeLoop({ ...deps, intervalMs: INTERVAL_MS, look });
};
