import type { ChatId } from '../../domain/chat/ids.ts';
import { inSendOrder, mayHaveArrived, whyTooOld } from '../../domain/outbox/due.ts';
import type { PendingOutboxItem } from '../../domain/outbox/outbox.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { WorkScope } from '../../ports/correlation.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type MovedChats, NONE_MOVED } from '../chats/moved-chats.ts';
import { makeBackoffs } from '../loops/backoff.ts';
import type { ScopedCorrelation } from '../telemetry/work-scopes.ts';
import { gatewayFor } from './gateway-for.ts';
import { makeLanes } from './lanes.ts';
import { makeSendItem } from './send-item.ts';
import type { SendLimiter } from './send-limiter.ts';

export interface OutboxDeliverer {
  start(): void;
  /** Resolves when the sends under way have ended. No send begins after this call. */
  stop(): Promise<void>;
}

/** The wait for a gateway that this process does not have: it may be configured at the next start. */
const NO_GATEWAY_WAIT_MS = 60_000;

/**
 * Sends what the outbox holds: each chat in order, up to `maxChats` chats side by side, no faster than the limiter
 * allows. What is next is decided in `domain/outbox/due.ts`; one send is made by `makeSendItem`.
 */
export const makeOutboxDeliverer = (deps: {
  readonly outbox: OutboxStore;
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly limiter: SendLimiter;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly events: Events;
  readonly maxChats: number;
  readonly moved?: Pick<MovedChats, 'idBefore'>;
  /** Which work a send belongs to. Default: nobody knows. */
  readonly work?: { readonly correlation: ScopedCorrelation; readonly promises: Pick<PromiseStore, 'get'> };
}): OutboxDeliverer => {
  const { outbox, gateways, limiter, clock, events, maxChats, moved = NONE_MOVED } = deps;
  const rateLimited = new Set<ChatId>();
  const backoffs = makeBackoffs<ChatId>(clock);
  let startedAt = clock.now();
  const sendItem = makeSendItem({ unitOfWork: deps.unitOfWork, limiter, moved, clock, events });

  const waitsUntil = async ({ chatId }: PendingOutboxItem): Promise<number | undefined> => {
    const gateway = gatewayFor(gateways, chatId);
    return backoffs.until(chatId) ?? (gateway && (await limiter.tryAcquire(gateway, 'answers', chatId)));
  };

  const send = async (item: PendingOutboxItem): Promise<void> => {
    try {
      const scope = await scopeOf(item);
      if (scope && deps.work) await deps.work.correlation.run(scope, () => attemptOnce(item));
      else await attemptOnce(item);
    } catch (error) {
      notRecorded(item, error);
    }
  };

  const attemptOnce = async (item: PendingOutboxItem): Promise<void> => {
    const { chatId } = item;
    try {
      if (await attempt(item)) rateLimited.add(chatId);
      else rateLimited.delete(chatId);
      backoffs.succeeded(chatId);
    } catch (error) {
      notRecorded(item, error);
    }
  };

  const notRecorded = ({ id, chatId }: PendingOutboxItem, error: unknown): void => {
    const failures = backoffs.failed(chatId);
    events.emit({ type: 'delivery-not-recorded', outboxId: id, chatId, failures, reason: reasonOf(error), error });
  };

  /** Which work the item tells of. Rejects when the storage does: what became of a send could not be stored either. */
  const scopeOf = async (item: PendingOutboxItem): Promise<WorkScope | undefined> => {
    const { promiseId, chatId, createdAt } = item;
    if (!deps.work) return undefined;
    const promise = promiseId === undefined ? undefined : await deps.work.promises.get(promiseId);
    return deps.work.correlation.scopes.deliver({ ...item, chatId: moved.idBefore(chatId, createdAt) ?? chatId }, promise, clock.now());
  };

  /** Resolves to whether the platform limited the rate. Rejects when the storage does: the item is sent again. */
  const attempt = async (item: PendingOutboxItem): Promise<boolean> => {
    const gateway = gatewayFor(gateways, item.chatId);
    const reason = whyTooOld(item, startedAt, clock.now());
    if (reason !== undefined) await sendItem.failed(item, { reason, isRefusal: true });
    else if (!gateway) await sendItem.failed(item, { reason: 'no gateway of this process serves the chat', waitMs: NO_GATEWAY_WAIT_MS });
    else return (await sendItem.send(gateway, item, mayHaveArrived(item, startedAt))) === 'rate-limited';
    return rateLimited.has(item.chatId);
  };

  const lanes = makeLanes({
    name: 'outbox',
    clock,
    changes: deps.changes,
    events,
    maxLanes: () => maxChats,
    laneOf: ({ chatId }: PendingOutboxItem) => chatId,
    due: outbox.due,
    nextDueAt: outbox.nextDueAt,
    inOrder: (items) => inSendOrder(items, rateLimited),
    waiting: () => rateLimited.size,
    waitsUntil,
    send,
  });

  return {
    start: () => {
      startedAt = clock.now();
      lanes.start();
    },
    stop: lanes.stop,
  };
};
