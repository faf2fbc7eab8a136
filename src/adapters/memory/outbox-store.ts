import {
  type ChatId,
  draftFields,
  gatewayOf,
  type OutboxDraft,
  type OutboxId,
  type OutboxItem,
  type PendingOutboxItem,
} from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { OutboxStore } from '../../ports/index.ts';
import { concurrency, count, firstOf, select } from './rows.ts';
import type { Tables } from './tables.ts';

const byId = (a: OutboxItem, b: OutboxItem): number => a.id - b.id;

export const makeOutboxStore = ({ outbox, next }: Tables): OutboxStore => {
  const pending = (id: OutboxId): PendingOutboxItem => {
    const item = outbox.get(id);
    if (item?.status !== 'pending') throw concurrency(`outbox item ${id} is ${item?.status ?? 'missing'}, not pending`);
    return item;
  };
  /** The oldest pending item of each chat, lowest id first. Rows are in the order of their ids. */
  const heads = (): PendingOutboxItem[] => {
    const oldest = new Map<ChatId, PendingOutboxItem>();
    for (const item of outbox.rows()) if (item.status === 'pending' && !oldest.has(item.chatId)) oldest.set(item.chatId, item);
    return [...oldest.values()];
  };
  const add = (draft: OutboxDraft): boolean => {
    if (firstOf(outbox.rows(), ({ dedupeKey }) => dedupeKey === draft.dedupeKey)) return false;
    outbox.put({ ...draftFields(draft), id: next('outbox') as OutboxId, attempts: 0, status: 'pending', dueAt: draft.createdAt });
    return true;
  };
  return {
    add: async (draft) => add(draft),
    addMany: async (drafts) => drafts.map(add),
    get: async (id) => outbox.get(id),
    due: async (now, limit) => select(heads(), ({ dueAt }) => dueAt <= now, byId, limit),
    nextDueAt: async () => {
      const times = heads().map(({ dueAt }) => dueAt);
      return times.length === 0 ? undefined : Math.min(...times);
    },
    hasPending: async (chatId) => firstOf(outbox.rows(), (item) => item.chatId === chatId && item.status === 'pending') !== undefined,
    markSent: async (id, sentMessageId, at) => {
      const { status: _, dueAt: __, lastError: ___, ...item } = pending(id);
      outbox.put({ ...item, status: 'sent', sentAt: at, ...present({ sentMessageId }) });
    },
    postpone: async (id, dueAt, lastError) => {
      const item = pending(id);
      outbox.put({ ...item, attempts: item.attempts + 1, dueAt, lastError });
    },
    giveUp: async (id, at, lastError) => {
      const { status: _, dueAt: __, ...item } = pending(id);
      outbox.put({ ...item, status: 'failed', failedAt: at, lastError });
    },
    answering: async (chatId, messageId) =>
      select(outbox.rows(), (item) => item.chatId === chatId && item.answers.includes(messageId), byId),
    named: async (dedupeKey) => firstOf(outbox.rows(), (item) => item.dedupeKey === dedupeKey),
    sentAs: async (chatId, messageId) =>
      firstOf(outbox.rows(), (item) => item.chatId === chatId && item.status === 'sent' && item.sentMessageId === messageId),
    ofPromise: async (id, limit) => select(outbox.rows(), (item) => item.promiseId === id, byId, limit),
    newest: async ({ chatId, before, limit }) =>
      select(
        outbox.rows(),
        (item) => item.chatId === chatId && (before === undefined || item.id < before),
        (a, b) => b.id - a.id,
        limit,
      ),
    stats: async () =>
      count(
        ['pending', 'sent', 'failed'],
        Array.from(outbox.rows(), ({ status }) => status),
      ),
    pendingByGateway: async () => {
      const counts = new Map<string, number>();
      for (const { status, chatId } of outbox.rows())
        if (status === 'pending') counts.set(gatewayOf(chatId), (counts.get(gatewayOf(chatId)) ?? 0) + 1);
      return counts;
    },
  };
};
