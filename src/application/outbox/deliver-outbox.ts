import type { ChatId } from '../../domain/message/ids.ts';
import { MAX_OUTBOX_AGE_MS, type PendingOutboxItem, sendBackoffMs } from '../../domain/outbox/outbox.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { OutboxStore } from '../../ports/outbox-store.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { UnitOfWork } from '../../ports/unit-of-work.ts';
import { makeLoop } from '../loops/loop.ts';

export interface OutboxDeliverer {
  start(): void;
  /** Begins no send; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/** No gateway serves the chat yet: it may be configured at the next start. */
const NO_GATEWAY_WAIT_MS = 60_000;

/**
 * Sends what the outbox holds, each chat in order, `maxChats` side by side. A send is repeated, with its stored random id, until the
 * gateway has said that it arrived, that it never will, or the message is too old for a safe repeat.
 */
export const makeOutboxDeliverer = (deps: {
  readonly outbox: OutboxStore;
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxChats: number;
}): OutboxDeliverer => {
  const { clock, logger } = deps;
  const sending = new Map<ChatId, Promise<void>>();

  const look = async (): Promise<number | undefined> => {
    const free = deps.maxChats - sending.size;
    // Chats under way are among the due: ask for enough to see past them.
    for (const item of free > 0 ? await deps.outbox.due(clock.now(), deps.maxChats + sending.size) : []) {
      if (sending.size >= deps.maxChats) break;
      if (!sending.has(item.chatId)) sending.set(item.chatId, deliver(item));
    }
    const next = await deps.outbox.nextDueAt();
    // What is due already is being sent, and nudges when it is done.
    return next !== undefined && next > clock.now() ? next : undefined;
  };

  const deliver = async (item: PendingOutboxItem): Promise<void> => {
    try {
      await attempt(item);
    } catch (error) {
      logger.error(
        { outboxId: item.id, chatId: item.chatId, reason: reasonOf(error), error },
        'the fate of a send could not be recorded; it is repeated with the same random id',
      );
    } finally {
      sending.delete(item.chatId);
      loop.nudge();
    }
  };

  const attempt = async (item: PendingOutboxItem): Promise<void> => {
    const facts = { outboxId: item.id, chatId: item.chatId, promiseId: item.promiseId, attempt: item.attempts + 1 };
    const gateway = deps.gateways.find((candidate) => candidate.serves(item.chatId));
    if (!gateway) return retryOrGiveUp(item, NO_GATEWAY_WAIT_MS, 'no gateway of this process serves the chat');
    try {
      const sentMessageId = await gateway.send(item);
      await deps.unitOfWork.run(async ({ outbox, promises }) => {
        await outbox.markSent(item.id, sentMessageId, clock.now());
        if (item.promiseId !== undefined) await promises.markDelivered(item.promiseId, clock.now());
      });
      logger.info({ ...facts, messageId: sentMessageId }, 'message delivered');
    } catch (error) {
      if (!isPortError(error)) throw error;
      // Only a refusal is final. What failed in any other way may have arrived: it is repeated, never sent anew.
      const refused = error.code === 'invalid-request' || error.code === 'not-found' || error.code === 'unauthorised';
      if (refused) return giveUp(item, error.message);
      await retryOrGiveUp(item, error.retryAfterMs ?? sendBackoffMs(item.attempts + 1), error.message);
    }
  };

  const retryOrGiveUp = async (item: PendingOutboxItem, waitMs: number, reason: string): Promise<void> => {
    const dueAt = clock.now() + waitMs;
    if (dueAt - item.createdAt > MAX_OUTBOX_AGE_MS) return giveUp(item, `${reason} (given up after 24 hours)`);
    logger.warn({ outboxId: item.id, chatId: item.chatId, reason, waitMs }, 'send failed; it is repeated');
    await deps.unitOfWork.run(({ outbox }) => outbox.postpone(item.id, dueAt, reason));
  };

  const giveUp = async (item: PendingOutboxItem, reason: string): Promise<void> => {
    await deps.unitOfWork.run(({ outbox }) => outbox.giveUp(item.id, clock.now(), reason));
    logger.error(
      { outboxId: item.id, chatId: item.chatId, promiseId: item.promiseId, reason },
      'a message could not be delivered, and is given up',
    );
  };

  const loop = makeLoop({ clock, changes: deps.changes, logger, look });

  return {
    start: () => loop.start(),
    async stop() {
      await loop.stop();
      await Promise.all(sending.values());
    },
  };
};
