import type { MessageId } from '../../domain/chat/ids.ts';
import type { EventOf } from '../../domain/events/event.ts';
import { afterFailedSend, type SendFailure } from '../../domain/outbox/due.ts';
import type { PendingOutboxItem } from '../../domain/outbox/outbox.ts';
import { tellsOutcomeOf } from '../../domain/promise/outcome.ts';
import { present } from '../../domain/shared/present.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { MovedChats } from '../chats/moved-chats.ts';
import { startStopwatch } from '../loops/stopwatch.ts';
import { withTimeout } from '../loops/timers.ts';
import type { SendLimiter } from './send-limiter.ts';

/** The longest time of one send: a send without an end would block its chat. */
const SEND_TIMEOUT_MS = 60_000;

/**
 * Sends one outbox item and records what became of it. Until the gateway says that the item arrived or never will, it
 * is sent again, with its delivery key. Rejects when the storage does: what the gateway did is then not recorded.
 */
export const makeSendItem = (deps: {
  readonly unitOfWork: UnitOfWork;
  readonly limiter: Pick<SendLimiter, 'recordRateLimit'>;
  readonly moved: Pick<MovedChats, 'idBefore'>;
  readonly clock: Clock;
  readonly events: Events;
}) => {
  const { unitOfWork, limiter, moved, clock, events } = deps;

  const send = async (gateway: ChatGateway, item: PendingOutboxItem, mayHaveArrived: boolean): Promise<'rate-limited' | 'done'> => {
    // An earlier send may have gone to the id that the chat had then.
    const movedFrom = mayHaveArrived ? moved.idBefore(item.chatId, item.createdAt) : undefined;
    let messageId: MessageId | undefined;
    const durationMs = startStopwatch(clock);
    const told = (outcome: EventOf<'gateway-called'>['outcome'], code?: string): void =>
      events.emit({
        type: 'gateway-called',
        gateway: gateway.name,
        chatId: item.chatId,
        outcome,
        ...present({ code }),
        durationMs: durationMs(),
      });
    try {
      const sent = gateway.send({ ...item, ...present({ movedFrom }) });
      messageId = await withTimeout(clock, SEND_TIMEOUT_MS, sent, `the send did not end within ${SEND_TIMEOUT_MS / 1000} s`);
      told('sent');
    } catch (error) {
      const code = isPortError(error) ? error.code : 'unknown';
      if (code === 'rate-limited') told('limited');
      else told('failed', code);
      // Nothing was delivered: the item waits as it is, however long that takes.
      if (await limiter.recordRateLimit(gateway, 'answers', item.chatId, error)) return 'rate-limited';
      await failed(item, failureOf(item, error));
      return 'done';
    }
    await recordSent(gateway, item, messageId);
    return 'done';
  };

  const failureOf = (item: PendingOutboxItem, error: unknown): SendFailure => {
    const reason = reasonOf(error);
    if (isPortError(error)) {
      // Wrong credentials are no refusal: they can be corrected.
      const isRefusal = error.code === 'invalid-request' || error.code === 'not-found';
      return { reason, isRefusal, waitMs: error.retryAfterMs };
    }
    events.emit({ type: 'gateway-crashed', outboxId: item.id, chatId: item.chatId, reason, error });
    return { reason };
  };

  const recordSent = async (gateway: ChatGateway, item: PendingOutboxItem, messageId: MessageId | undefined): Promise<void> => {
    const { id, chatId, promiseId, attempts, createdAt } = item;
    await unitOfWork.run(async ({ outbox, promises }) => {
      // If the chat has moved meanwhile, this message id means another message there.
      const isThere = !gateway.canMove?.(chatId) || (await outbox.get(id))?.chatId === chatId;
      await outbox.markSent(id, isThere ? messageId : undefined, clock.now());
      if (promiseId === undefined) return;
      const [promise] = await promises.update([promiseId], () => undefined);
      if (promise && tellsOutcomeOf(item, promise)) await promises.markDelivered(promise.id, clock.now());
    });
    events.emit({
      type: 'message-delivered',
      outboxId: id,
      chatId,
      ...present({ promiseId, messageId }),
      attempts: attempts + 1,
      durationMs: clock.now() - createdAt,
    });
  };

  const failed = async (item: PendingOutboxItem, failure: SendFailure): Promise<void> => {
    const step = afterFailedSend(item, failure, clock.now());
    if (step.type === 'give-up') return giveUp(item, step.reason);
    const { reason, waitMs, dueAt } = step;
    events.emit({ type: 'delivery-retried', outboxId: item.id, chatId: item.chatId, reason, waitMs });
    await unitOfWork.run(({ outbox }) => outbox.postpone(item.id, dueAt, reason));
  };

  const giveUp = async (item: PendingOutboxItem, reason: string): Promise<void> => {
    const isMoved = await unitOfWork.run(async ({ outbox }) => {
      const current = await outbox.get(item.id);
      if (!current || current.chatId === item.chatId) return outbox.giveUp(item.id, clock.now(), reason);
      await outbox.postpone(item.id, clock.now(), reason);
      return true;
    });
    const about = { outboxId: item.id, chatId: item.chatId, reason };
    if (isMoved) events.emit({ type: 'delivery-redirected', ...about });
    else events.emit({ type: 'delivery-abandoned', ...about, ...present({ promiseId: item.promiseId }) });
  };

  return { send, failed };
};
