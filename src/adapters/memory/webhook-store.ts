import {
  type PendingWebhookEvent,
  revivedEvent,
  WEBHOOK_STATUSES,
  type WebhookDraft,
  type WebhookEvent,
  type WebhookEventId,
  webhookDraftFields,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { WebhookStore } from '../../ports/index.ts';
import { makeKeyValueState } from './key-value-state.ts';
import { concurrency, count, firstOf, select } from './rows.ts';
import type { Tables } from './tables.ts';

const OWNER = 'webhooks';
const byId = (a: WebhookEvent, b: WebhookEvent): number => a.id - b.id;
const isPending = (event: WebhookEvent): event is PendingWebhookEvent => event.status === 'pending';
const failedAt = (event: WebhookEvent): number | undefined =>
  event.status === 'delivered' ? undefined : event.status === 'failed' ? event.endedAt : event.failedAt;

export const makeWebhookStore = (tables: Tables): WebhookStore => {
  const { webhooks, next } = tables;
  const state = makeKeyValueState(tables, OWNER);
  const pending = (id: WebhookEventId): PendingWebhookEvent => {
    const event = webhooks.get(id);
    if (!event || !isPending(event)) throw concurrency(`webhook event ${id} is ${event?.status ?? 'missing'}, not pending`);
    return event;
  };
  const ofStatus = (): PendingWebhookEvent[] => Array.from(webhooks.rows()).filter(isPending);
  /** The oldest pending event of each subject. Rows are in the order of their ids. */
  const heads = (): PendingWebhookEvent[] => {
    const oldest = new Map<string, PendingWebhookEvent>();
    for (const event of ofStatus()) if (!oldest.has(event.subject)) oldest.set(event.subject, event);
    return [...oldest.values()];
  };
  const add = (draft: WebhookDraft): void => {
    if (firstOf(webhooks.rows(), ({ eventId }) => eventId === draft.eventId)) return;
    const fields = webhookDraftFields(draft);
    const { at } = draft;
    webhooks.put({ ...fields, id: next('webhook') as WebhookEventId, attempts: 0, since: at, status: 'pending', dueAt: at });
  };
  return {
    listen: (isHeard) => state.set(new Map([['heard', isHeard ? 'yes' : undefined]])),
    add: async (drafts) => {
      if ((await state.get('heard')) !== undefined) drafts.forEach(add);
    },
    get: async (eventId) => firstOf(webhooks.rows(), (event) => event.eventId === eventId),
    due: async (now, limit) => select(heads(), ({ dueAt }) => dueAt <= now, byId, limit),
    nextDueAt: async (now) => {
      const times = heads().flatMap(({ dueAt }) => (dueAt > now ? [dueAt] : []));
      return times.length === 0 ? undefined : Math.min(...times);
    },
    pendingSince: async (before, limit) =>
      select(
        ofStatus(),
        ({ since }) => since < before,
        (a, b) => a.since - b.since || byId(a, b),
        limit,
      ),
    markDelivered: async (id, at) => {
      const { dueAt: _, lastError: __, failedAt: ___, ...event } = pending(id);
      webhooks.put({ ...event, status: 'delivered', endedAt: at });
    },
    postpone: async (id, { at, reason, dueAt }) => {
      const event = pending(id);
      webhooks.put({ ...event, attempts: event.attempts + 1, dueAt, failedAt: at, lastError: reason });
    },
    giveUp: async (id, { at, reason }) => {
      const { dueAt: _, failedAt: __, ...event } = pending(id);
      webhooks.put({ ...event, status: 'failed', endedAt: at, lastError: reason });
    },
    revive: async ({ eventId, limit }, at) => {
      const failed = select(
        webhooks.rows(),
        (event) => event.status === 'failed' && (eventId ?? event.eventId) === event.eventId,
        byId,
        limit,
      );
      for (const event of failed) if (event.status === 'failed') webhooks.put(revivedEvent(event, at));
      return failed.length;
    },
    list: async ({ statuses = WEBHOOK_STATUSES, limit }) =>
      select(
        webhooks.rows(),
        ({ status }) => statuses.includes(status),
        (a, b) => byId(b, a),
        limit,
      ),
    stats: async () => {
      const counts = count(
        WEBHOOK_STATUSES,
        Array.from(webhooks.rows(), ({ status }) => status),
      );
      const since = ofStatus().map((event) => event.since);
      const [lastFailure] = select(
        webhooks.rows(),
        (event) => failedAt(event) !== undefined,
        (a, b) => (failedAt(b) ?? 0) - (failedAt(a) ?? 0) || byId(b, a),
        1,
      );
      const isHeard = (await state.get('heard')) !== undefined;
      return { isHeard, counts, ...present({ oldestSince: since.length === 0 ? undefined : Math.min(...since), lastFailure }) };
    },
    purge: async ({ endedBefore, pendingBefore, limit }) => {
      const isOld = (event: WebhookEvent): boolean => (isPending(event) ? event.since < pendingBefore : event.endedAt < endedBefore);
      const old = select(webhooks.rows(), isOld, byId, limit);
      for (const { id } of old) webhooks.remove(id);
      return old.length;
    },
  };
};
