import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import { MAX_OUTBOX_AGE_MS, type OutboxId, type PendingOutboxItem, sendBackoffMs } from '../../domain/outbox/outbox.ts';
import { tellsOutcomeOf } from '../../domain/promise/outcome.ts';
import { present } from '../../domain/shared/present.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway, OutgoingMessage } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type MovedChats, NONE_MOVED } from '../chats/moved-chats.ts';
import { makeRests } from '../loops/backoff.ts';
import { makeLoop } from '../loops/loop.ts';
import { gatewayFor } from './gateway-for.ts';
import type { SendSchedule } from './send-schedule.ts';

export interface OutboxDeliverer {
  start(): void;
  /** Begins no send; resolves when those under way have ended. */
  stop(): Promise<void>;
}

/** No gateway serves the chat yet: it may be configured at the next start. */
const NO_GATEWAY_WAIT_MS = 60_000;
/** The longest that one send may take. */
const SEND_TIMEOUT_MS = 60_000;

const tooOld = (reason = 'it may have arrived'): string => `${reason} (given up after 24 hours)`;

/**
 * Sends what the outbox holds, each chat in order, `maxChats` side by side, no faster than the schedule admits. A send
 * is repeated, with its stored random id, until the gateway has said that it arrived, that it never will, or the
 * message is too old for a safe repeat.
 */
export const makeOutboxDeliverer = (deps: {
  readonly outbox: OutboxStore;
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly schedule: SendSchedule;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
  readonly maxChats: number;
  readonly moved?: Pick<MovedChats, 'idBefore'>;
}): OutboxDeliverer => {
  const { clock, events, moved = NONE_MOVED } = deps;
  const sending = new Map<ChatId, Promise<void>>();
  /** Items whose sends are under way, also where their chat has moved meanwhile. */
  const underWay = new Set<OutboxId>();
  /** Items whose sends have ended since the look under way began: what it has read of them may be out of date. */
  const ended = new Set<OutboxId>();
  const rests = makeRests<ChatId>(clock);
  let startedAt = clock.now();

  /**
   * Chats whose sends made the other side ask to be left alone: they come last, so that one of them can't hold up all
   * others for ever.
   */
  const blamed = new Set<ChatId>();

  const look = async (): Promise<number | undefined> => {
    const wakeAt: number[] = [];
    const seen = new Set<OutboxId>();
    ended.clear();
    // Chats that are under way, at rest or not admitted are among the due: look further until there is work for all, or
    // no more.
    for (let limit = deps.maxChats + blamed.size; sending.size < deps.maxChats; limit *= 2) {
      const due = await deps.outbox.due(clock.now(), limit);
      for (const item of inOrder(due.filter(({ id }) => !seen.has(id)))) {
        seen.add(item.id);
        if (sending.size >= deps.maxChats) break;
        if (sending.has(item.chatId) || underWay.has(item.id) || ended.has(item.id)) continue;
        const until = await heldUntil(item);
        if (until === undefined) sending.set(item.chatId, deliver(item));
        else wakeAt.push(until);
      }
      if (due.length < limit) break;
    }
    const next = await deps.outbox.nextDueAt();
    // What is due already is being sent, and nudges when it is done, or waits to be admitted.
    if (next !== undefined && next > clock.now()) wakeAt.push(next);
    return wakeAt.length > 0 ? Math.min(...wakeAt) : undefined;
  };

  const inOrder = (items: readonly PendingOutboxItem[]): readonly PendingOutboxItem[] =>
    blamed.size === 0 ? items : items.toSorted((a, b) => Number(blamed.has(a.chatId)) - Number(blamed.has(b.chatId)) || a.id - b.id);

  const heldUntil = async ({ chatId }: PendingOutboxItem): Promise<number | undefined> => {
    const gateway = gatewayFor(deps.gateways, chatId);
    return rests.until(chatId) ?? (gateway && (await deps.schedule.admit(gateway, 'answers', chatId)));
  };

  const deliver = async (item: PendingOutboxItem): Promise<void> => {
    underWay.add(item.id);
    try {
      await attempt(item);
      rests.succeeded(item.chatId);
    } catch (error) {
      events.emit({
        type: 'delivery-not-recorded',
        outboxId: item.id,
        chatId: item.chatId,
        failures: rests.failed(item.chatId),
        reason: reasonOf(error),
        error,
      });
    } finally {
      sending.delete(item.chatId);
      underWay.delete(item.id);
      ended.add(item.id);
      loop.nudge();
    }
  };

  /** Rejects when storage does: what the gateway did is not known to it then. */
  const attempt = async (item: PendingOutboxItem): Promise<void> => {
    // An earlier process may have died in its send: only of its own items does this one know that none was begun.
    const mayHaveArrived = item.attempts > 0 || item.createdAt < startedAt;
    if (mayHaveArrived && clock.now() - item.createdAt > MAX_OUTBOX_AGE_MS) return giveUp(item, tooOld(item.lastError));
    const gateway = gatewayFor(deps.gateways, item.chatId);
    if (!gateway) return retryOrGiveUp(item, NO_GATEWAY_WAIT_MS, 'no gateway of this process serves the chat');
    let sentMessageId: MessageId | undefined;
    try {
      sentMessageId = await inTime(gateway.send(mayHaveArrived ? { ...item, ...movedFrom(item) } : item));
    } catch (error) {
      blamed.delete(item.chatId);
      if (!(await deps.schedule.heeds(gateway, 'answers', item.chatId, error))) return sendFailed(item, error);
      // Nothing was delivered: the item waits as it is, however long that takes.
      blamed.add(item.chatId);
      return;
    }
    blamed.delete(item.chatId);
    await deps.unitOfWork.run(async ({ outbox, promises }) => {
      // In a chat that has moved meanwhile, its number means another message.
      const isThere = !gateway.canMove?.(item.chatId) || (await outbox.get(item.id))?.chatId === item.chatId;
      await outbox.markSent(item.id, isThere ? sentMessageId : undefined, clock.now());
      if (item.promiseId === undefined) return;
      const [promise] = await promises.update([item.promiseId], () => undefined);
      if (promise && tellsOutcomeOf(item, promise)) await promises.markDelivered(promise.id, clock.now());
    });
    const { id, chatId, promiseId, attempts } = item;
    events.emit({
      type: 'message-delivered',
      outboxId: id,
      chatId,
      ...present({ promiseId, messageId: sentMessageId }),
      attempts: attempts + 1,
      durationMs: clock.now() - item.createdAt,
    });
  };

  /** An earlier send may have gone to the id that the chat had then. */
  const movedFrom = ({ chatId, createdAt }: PendingOutboxItem): Pick<OutgoingMessage, 'movedFrom'> =>
    present({ movedFrom: moved.idBefore(chatId, createdAt) });

  /**
   * A send that never ended would hold up its chat for ever. It may still arrive: its random id makes the repeat safe.
   */
  const inTime = async <T>(send: Promise<T>): Promise<T> => {
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(SEND_TIMEOUT_MS, () =>
      late.reject(new PortError('timeout', `the send did not end within ${SEND_TIMEOUT_MS / 1000} s`, { retryable: true })),
    );
    try {
      return await Promise.race([send, late.promise]);
    } finally {
      cancel();
    }
  };

  const sendFailed = (item: PendingOutboxItem, error: unknown): Promise<void> => {
    const reason = reasonOf(error);
    if (!isPortError(error)) {
      events.emit({ type: 'gateway-crashed', outboxId: item.id, chatId: item.chatId, reason, error });
      return retryOrGiveUp(item, sendBackoffMs(item.attempts + 1), reason);
    }
    // Only a refusal is final. What failed in any other way may have arrived: it is repeated, never sent anew.
    // Credentials can be mended.
    if (error.code === 'invalid-request' || error.code === 'not-found') return giveUp(item, reason);
    return retryOrGiveUp(item, error.retryAfterMs ?? sendBackoffMs(item.attempts + 1), reason);
  };

  const retryOrGiveUp = async (item: PendingOutboxItem, waitMs: number, reason: string): Promise<void> => {
    const dueAt = clock.now() + waitMs;
    if (dueAt - item.createdAt > MAX_OUTBOX_AGE_MS) return giveUp(item, tooOld(reason));
    events.emit({ type: 'delivery-retried', outboxId: item.id, chatId: item.chatId, reason, waitMs });
    await deps.unitOfWork.run(({ outbox }) => outbox.postpone(item.id, dueAt, reason));
  };

  const giveUp = async (item: PendingOutboxItem, reason: string): Promise<void> => {
    const isMoved = await deps.unitOfWork.run(async ({ outbox }) => {
      const current = await outbox.get(item.id);
      if (!current || current.chatId === item.chatId) return outbox.giveUp(item.id, clock.now(), reason);
      await outbox.postpone(item.id, clock.now(), reason);
      return true;
    });
    const about = { outboxId: item.id, chatId: item.chatId, reason };
    if (isMoved) events.emit({ type: 'delivery-redirected', ...about });
    else events.emit({ type: 'delivery-abandoned', ...about, ...present({ promiseId: item.promiseId }) });
  };

  const loop = makeLoop({ name: 'outbox', clock, changes: deps.changes, events, look });

  return {
    start: () => {
      startedAt = clock.now();
      loop.start();
    },
    async stop() {
      await loop.stop();
      await Promise.all(sending.values());
    },
  };
};
