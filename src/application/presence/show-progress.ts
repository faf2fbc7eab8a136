import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { OutboxItem } from '../../domain/outbox/outbox.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { type Loop, makeLoop } from '../loops/loop.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import type { SendLimiter } from '../outbox/send-limiter.ts';
import { isSilent, progressLine, stillWorking } from './progress-text.ts';

/** Looks are this far apart at the least, and edits of one chat. */
const INTERVAL_MS = 1_000;
const CHAT_INTERVAL_MS = 4_000;
/** Those that have begun last are shown. */
const SHOWN = 100;
/** A longer acknowledgement is left alone: with more below, it might take a second message. */
const MAX_LENGTH = 3_000;
const PREFIX = 'progress:';

/** A reply that acknowledged promises, as it was sent. */
interface Acknowledgement {
  readonly gateway: ChatGateway;
  readonly chatId: ChatId;
  readonly messageId: MessageId;
  readonly text: string;
}

/**
 * Shows what running promises tell of themselves, below the reply that acknowledged them; once they run no more, that
 * says again what it said, and nothing else. Which replies have been edited is kept in their gateway's state, so that
 * the next process puts them right. Where nothing can be edited, a promise that has been silent for long is told of by
 * one message.
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
  const { clock, limiter, events } = deps;
  /** What each edited reply says, by its key; unknown where a process before this one has edited it. */
  const shown = new Map<string, { readonly ack: Acknowledgement; readonly text?: string }>();
  const loaded = new Set<string>();
  const editing = new Set<string>();
  const uneditable = new Set<string>();
  /** By dedupe key. */
  const told = new Set<string>();
  const quietUntil = new Map<ChatId, number>();

  const acknowledgementOf = async ({ chatId, messageId }: LeasedPromise): Promise<Acknowledgement | undefined> => {
    const gateway = gatewayFor(deps.gateways, chatId);
    if (messageId === undefined || !gateway) return undefined;
    const replies = await deps.outbox.answering(chatId, messageId);
    const reply = replies.find((item): item is OutboxItem & { status: 'sent' } => item.status === 'sent' && item.promiseId === undefined);
    return reply?.sentMessageId === undefined ? undefined : { gateway, chatId, messageId: reply.sentMessageId, text: reply.text };
  };

  const poll = async (): Promise<number | undefined> => {
    for (const gateway of deps.gateways) await load(gateway);
    const now = clock.now();
    for (const [chatId, until] of quietUntil) if (until <= now) quietUntil.delete(chatId);
    const wanted = new Map<string, { readonly ack: Acknowledgement; readonly lines: readonly string[] }>();
    const current = new Set<string>();
    for (const promise of (await deps.promises.find({ statuses: ['in_progress'], newestFirst: true, limit: SHOWN })).toReversed()) {
      if (promise.status !== 'in_progress') continue;
      current.add(stillWorkingKey(promise));
      // Past its lease nobody is known to work at it: nothing is said of it before a worker takes it up again.
      const line = promise.lease.expiresAt > now ? progressLine(promise, now) : undefined;
      if (line === undefined) continue;
      const ack = await acknowledgementOf(promise);
      if (ack) current.add(keyOf(ack));
      if (ack?.gateway.edit && ack.text.length <= MAX_LENGTH && !uneditable.has(keyOf(ack)))
        wanted.set(keyOf(ack), { ack, lines: [...(wanted.get(keyOf(ack))?.lines ?? []), line] });
      else if (isSilent(promise, now)) await tellOnce(promise, now);
    }
    for (const past of [uneditable, told]) for (const key of past) if (!current.has(key)) past.delete(key);
    const plain = [...shown].filter(([key]) => !wanted.has(key)).map(([, { ack }]) => ({ ack, lines: [] }));
    // Nobody waits for an edit: one that takes long must not hold up other chats.
    for (const { ack, lines } of [...plain, ...wanted.values()]) if (!editing.has(keyOf(ack))) void edit(ack, lines);
    return undefined;
  };

  /** Replies that a process before this one has edited. */
  const load = async ({ name }: ChatGateway): Promise<void> => {
    if (loaded.has(name)) return;
    for (const [key, text] of await deps.state(`progress:${name}`).list(PREFIX)) {
      const [chatId, messageId] = key.slice(PREFIX.length).split('/') as [ChatId, MessageId];
      const gateway = deps.gateways.find((candidate) => candidate.name === name);
      if (gateway) shown.set(key, { ack: { gateway, chatId, messageId, text } });
    }
    loaded.add(name);
  };

  /** Does not reject. */
  const edit = async (ack: Acknowledgement, lines: readonly string[]): Promise<void> => {
    const { gateway, chatId, messageId } = ack;
    const key = keyOf(ack);
    editing.add(key);
    try {
      await show(ack, lines).catch(async (error: unknown) => {
        events.emit({ type: 'progress-not-shown', gateway: gateway.name, chatId, messageId, reason: reasonOf(error) });
        if ((await limiter.recordRateLimit(gateway, 'progress', chatId, error)) || (isPortError(error) && error.retryable)) return;
        uneditable.add(key);
        await forget(ack);
      });
    } catch (error) {
      events.emit({ type: 'progress-not-shown', gateway: gateway.name, chatId, reason: reasonOf(error) });
    } finally {
      editing.delete(key);
    }
  };

  const show = async (ack: Acknowledgement, lines: readonly string[]): Promise<void> => {
    const { gateway, chatId, messageId } = ack;
    const key = keyOf(ack);
    const text = lines.length === 0 ? ack.text : `${ack.text}\n\n${lines.join('\n')}`;
    if (shown.get(key)?.text === text || quietUntil.has(chatId)) return;
    quietUntil.set(chatId, clock.now() + CHAT_INTERVAL_MS);
    if ((await limiter.tryAcquire(gateway, 'progress', chatId)) !== undefined) {
      quietUntil.delete(chatId);
      return;
    }
    // Kept before it is edited: whoever comes after must know what it said.
    if (!shown.has(key)) await deps.state(`progress:${gateway.name}`).set(new Map([[key, ack.text]]));
    shown.set(key, { ack });
    const edited = await gateway.edit?.(chatId, messageId, text);
    if (!edited) uneditable.add(key);
    if (!edited || lines.length === 0) await forget(ack);
    else shown.set(key, { ack, text });
  };

  const forget = async (ack: Acknowledgement): Promise<void> => {
    await deps.state(`progress:${ack.gateway.name}`).set(new Map([[keyOf(ack), undefined]]));
    shown.delete(keyOf(ack));
  };

  const tellOnce = async (silent: LeasedPromise, now: number): Promise<void> => {
    const dedupeKey = stillWorkingKey(silent);
    if (told.has(dedupeKey)) return;
    const isTold = await deps.unitOfWork.run(async ({ promises, outbox }) => {
      // Held: what settles at this moment is told of after this.
      const [promise] = await promises.update([silent.id], () => undefined);
      if (promise?.status !== 'in_progress' || stillWorkingKey(promise) !== dedupeKey || !isSilent(promise, now)) return false;
      const { id, chatId, messageId } = promise;
      await outbox.add({
        chatId,
        text: stillWorking(promise, now),
        answers: [],
        promiseId: id,
        dedupeKey,
        ...present({ replyTo: messageId }),
        deliveryKey: deps.randomness.id(),
        createdAt: now,
      });
      return true;
    });
    if (isTold) told.add(dedupeKey);
  };

  return makeLoop({ name: 'progress', clock, changes: deps.changes, events, intervalMs: INTERVAL_MS, poll });
};

const keyOf = ({ chatId, messageId }: Acknowledgement): string => `${PREFIX}${chatId}/${messageId}`;

/** Once an attempt: one that is retried by hand is told of again. */
const stillWorkingKey = ({ id, attempts }: LeasedPromise): string => `still-working:${id}:${attempts}`;
