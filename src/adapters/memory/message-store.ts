/** Long because one store holds everything that is asked of messages. */
import {
  type ChatId,
  type InboxMessage,
  inboxMessageFields,
  type MessageId,
  present,
  type Verdict,
  verdictFields,
} from '../../domain/index.ts';
import type { KnownChat, MessageStore, NewestMessagesQuery } from '../../ports/index.ts';
import { concurrency, count, select } from './rows.ts';
import { messageKey, type Tables } from './tables.ts';

const KINDS = ['open', 'denied', 'ignored', 'remembered', 'answered', 'failed'] as const satisfies readonly (Verdict['kind'] | 'open')[];

const isOpen = (record: InboxMessage): boolean => record.verdict === undefined;

/** Rows are in the order in which they were added. */
const inArrival = (): number => 0;

/** The messages that quote one of these messages. */
const quoting = (records: Iterable<InboxMessage>, messageIds: readonly MessageId[]): readonly InboxMessage[] =>
  Array.from(records).filter(({ message: { replied, replyTo } }) => replied && replyTo !== undefined && messageIds.includes(replyTo));

const earlierThan = (records: readonly InboxMessage[], before: NewestMessagesQuery['before']): readonly InboxMessage[] => {
  if (before === undefined) return records;
  const place = records.findIndex(({ message }) => message.chat.id === before.chatId && message.messageId === before.messageId);
  return records.slice(0, Math.max(0, place));
};

export const makeMessageStore = ({ messages, outbox }: Tables): MessageStore => ({
  add: async (record) => {
    if (messages.get(messageKey(record.message.chat.id, record.message.messageId))) return false;
    messages.put(inboxMessageFields(record));
    return true;
  },
  get: async (chatId, messageId) => messages.get(messageKey(chatId, messageId)),
  senders: async (chatId, messageIds) =>
    new Map(
      messageIds.flatMap((messageId) => {
        const record = messages.get(messageKey(chatId, messageId));
        return record ? [[messageId, record.message.sender] as const] : [];
      }),
    ),
  revise: async (chatId, messageId, { text, parts, files, editedAt }) => {
    const record = messages.get(messageKey(chatId, messageId));
    if (!record || record.verdict?.kind === 'denied' || record.deletedAt !== undefined) return false;
    const { editedAt: before, parts: _, files: __, ...message } = record.message;
    if (editedAt !== undefined && before !== undefined && before > editedAt) return false;
    const revised = { ...message, text, ...present({ parts, files, editedAt: editedAt ?? before }) };
    messages.put(inboxMessageFields({ ...record, message: revised }));
    return true;
  },
  complete: async (chatId, messageId, { text, parts, files }) => {
    const record = messages.get(messageKey(chatId, messageId));
    if (!record?.message.attachments || record.deletedAt !== undefined) return false;
    const { attachments: _, parts: __, files: ___, ...message } = record.message;
    messages.put(inboxMessageFields({ ...record, message: { ...message, text, ...present({ parts, files }) } }));
    return true;
  },
  files: async (chatId, messageIds) =>
    new Map(
      messageIds.flatMap((messageId) => {
        const files = messages.get(messageKey(chatId, messageId))?.message.files;
        return files ? [[messageId, files] as const] : [];
      }),
    ),
  incomplete: async (limit) =>
    select(
      messages.rows(),
      ({ message }) => message.attachments !== undefined,
      (a, b) => a.receivedAt - b.receivedAt,
      limit,
    ),
  reopen: async (chatId, messageId, { response, addressedTo }) => {
    const record = messages.get(messageKey(chatId, messageId));
    if (record?.deletedAt !== undefined || !(record?.verdict?.kind === 'remembered' || record?.verdict?.kind === 'ignored')) return false;
    const { verdict: _, ...rest } = record;
    messages.put({ ...rest, message: { ...record.message, ...present({ addressedTo }) }, ...present({ response }) });
    return true;
  },
  withIds: async (messageIds, chatId) => {
    const wanted = new Set(messageIds);
    return select(
      messages.rows(),
      ({ message, deletedAt }): boolean =>
        deletedAt === undefined &&
        (chatId === undefined || message.chat.id === chatId) &&
        (wanted.has(message.messageId) || (message.parts ?? []).some((part) => wanted.has(part.messageId))),
      inArrival,
    );
  },
  erase: async (chatId, messageId, at) => {
    const record = messages.get(messageKey(chatId, messageId));
    if (!record || record.deletedAt !== undefined) return false;
    const { parts: _, replied: __, attachments: ___, files: ____, ...message } = record.message;
    messages.put({ ...record, message: { ...message, text: '' }, verdict: record.verdict ?? { kind: 'ignored' }, deletedAt: at });
    return true;
  },
  chatsQuoting: async (messageIds) => [...new Set(quoting(messages.rows(), messageIds).map(({ message }) => message.chat.id))].sort(),
  eraseQuotes: async (chatId, messageIds) => {
    for (const record of quoting(messages.rows(), messageIds)) {
      const { replied: _, ...message } = record.message;
      if (message.chat.id === chatId) messages.put({ ...record, message });
    }
  },
  open: async (chatId, limit) => select(messages.rows(), (record) => isOpen(record) && record.message.chat.id === chatId, inArrival, limit),
  chats: async (limit) => {
    const known = new Map<ChatId, KnownChat>();
    for (const last of messages.rows()) known.set(last.message.chat.id, { last });
    for (const { chatId, createdAt } of outbox.rows()) {
      const chat = known.get(chatId);
      if (chat) known.set(chatId, { ...chat, repliedAt: createdAt });
    }
    return [...known.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .map(([, chat]) => chat);
  },
  newest: async ({ verdicts, chatId, before, limit }) =>
    earlierThan([...messages.rows()], before)
      .filter(
        ({ message, verdict }) =>
          (verdicts?.includes(verdict?.kind ?? 'open') ?? true) && (chatId === undefined || message.chat.id === chatId),
      )
      .toReversed()
      .slice(0, limit),
  chatsWithOpen: async () => {
    const waiting = select(messages.rows(), isOpen, (a, b) => a.receivedAt - b.receivedAt);
    return [...new Set(waiting.map(({ message }): ChatId => message.chat.id))];
  },
  settle: async (chatId, messageIds, verdict) => {
    const records = messageIds.map((messageId) => {
      const record = messages.get(messageKey(chatId, messageId));
      if (!record || !isOpen(record))
        throw concurrency(`message ${messageId} of chat ${chatId} ${record ? 'has a verdict' : 'is missing'}`);
      return record;
    });
    for (const record of records) messages.put({ ...record, verdict: verdictFields(verdict) });
  },
  purgeDenied: async ({ receivedBefore, keep, limit }) => {
    const denied = select(
      messages.rows(),
      ({ verdict }) => verdict?.kind === 'denied',
      (a, b) => a.receivedAt - b.receivedAt,
    );
    const surplus = denied.length - keep;
    const old = denied.filter(({ receivedAt }, at) => receivedAt < receivedBefore || at < surplus).slice(0, limit);
    for (const { message } of old) messages.remove(messageKey(message.chat.id, message.messageId));
    return old.length;
  },
  stats: async () =>
    count(
      KINDS,
      Array.from(messages.rows(), ({ verdict }) => verdict?.kind ?? 'open'),
    ),
});
