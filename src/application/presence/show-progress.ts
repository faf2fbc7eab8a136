import type { OutboxItem } from '../../domain/outbox/outbox.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import type { SendLimiter } from '../outbox/send-limiter.ts';
import { type Acknowledgement, makeEditedReplies, replyKey } from './edited-replies.ts';
import { isSilent, progressLine } from './progress-text.ts';
import { makeSilentPromises, stillWorkingKey } from './silent-promises.ts';

/** The shortest time between two polls. */
const INTERVAL_MS = 1_000;
/** Only the promises that began last are shown. */
const MAX_SHOWN = 100;

/**
 * Shows what running promises say about themselves, below the reply that acknowledged them. When a promise stops
 * running, the acknowledgement is restored to its original text. Where nothing can be edited, one message tells of a
 * promise that has been silent for long.
 */
export const makeShowProgress = (deps: {
  readonly promises: Pick<PromiseQueries, 'find'>;
  readonly outbox: Pick<OutboxStore, 'answering'>;
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly state: (owner: string) => KeyValueState;
  readonly limiter: SendLimiter;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}): Loop => {
  const { promises, outbox, unitOfWork, gateways, state, limiter, changes, clock, randomness, events } = deps;
  const replies = makeEditedReplies({ gateways, state, limiter, clock, events });
  const silent = makeSilentPromises({ unitOfWork, randomness });

  const acknowledgementOf = async ({ chatId, messageId }: LeasedPromise): Promise<Acknowledgement | undefined> => {
    const gateway = gatewayFor(gateways, chatId);
    if (messageId === undefined || !gateway) return undefined;
    const answers = await outbox.answering(chatId, messageId);
    const reply = answers.find((item): item is OutboxItem & { status: 'sent' } => item.status === 'sent' && item.promiseId === undefined);
    return reply?.sentMessageId === undefined ? undefined : { gateway, chatId, messageId: reply.sentMessageId, text: reply.text };
  };

  const poll = async (): Promise<number | undefined> => {
    await replies.load();
    const now = clock.now();
    const wanted = new Map<string, { readonly ack: Acknowledgement; readonly lines: readonly string[] }>();
    const current = new Set<string>();
    const running = await promises.find({ statuses: ['in_progress'], newestFirst: true, limit: MAX_SHOWN });
    for (const promise of running.toReversed()) {
      if (promise.status !== 'in_progress') continue;
      current.add(stillWorkingKey(promise));
      // After its lease has expired, no worker is known to run the promise: nothing is said until one takes over.
      const line = promise.lease.expiresAt > now ? progressLine(promise, now) : undefined;
      if (line === undefined) continue;
      const ack = await acknowledgementOf(promise);
      if (ack) current.add(replyKey(ack));
      if (ack && replies.canEdit(ack)) wanted.set(replyKey(ack), { ack, lines: [...(wanted.get(replyKey(ack))?.lines ?? []), line] });
      else if (isSilent(promise, now)) await silent.tellOnce(promise, now);
    }
    replies.keepOnly(current);
    silent.keepOnly(current);
    replies.show(wanted);
    return undefined;
  };

  return makeLoop({ name: 'progress', clock, changes, events, intervalMs: INTERVAL_MS, poll });
};
