import { type ChatId, chatName, type MessageRecord, recordFields, type Verdict, verdictFields } from '../../domain/index.ts';
import type { MessageStore } from '../../ports/index.ts';
import { concurrency, count, select } from './rows.ts';
import { messageKey, type Tables } from './tables.ts';

const KINDS = ['open', 'denied', 'ignored', 'remembered', 'answered', 'failed'] as const satisfies readonly (Verdict['kind'] | 'open')[];

const isOpen = (record: MessageRecord): boolean => record.verdict === undefined;

export const makeMessageStore = ({ messages }: Tables): MessageStore => ({
  add: async (record) => {
    if (messages.get(messageKey(record.message.chatId, record.message.messageId))) return false;
    messages.put(recordFields(record));
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
  revise: async (chatId, messageId, text) => {
    const record = messages.get(messageKey(chatId, messageId));
    if (!record || !isOpen(record)) return false;
    messages.put({ ...record, message: { ...record.message, text } });
    return true;
  },
  open: async (chatId, limit) =>
    select(
      messages.rows(),
      (record) => isOpen(record) && record.message.chatId === chatId,
      (a, b) => a.message.messageId - b.message.messageId,
      limit,
    ),
  chatsWithOpen: async () => {
    const waiting = select(messages.rows(), isOpen, (a, b) => a.receivedAt - b.receivedAt);
    return [...new Set(waiting.map(({ message }): ChatId => message.chatId))];
  },
  settle: async (chatId, messageIds, verdict) => {
    const records = messageIds.map((messageId) => {
      const record = messages.get(messageKey(chatId, messageId));
      if (!record || !isOpen(record))
        throw concurrency(`message ${messageId} of chat ${chatName(chatId)} ${record ? 'has a verdict' : 'is missing'}`);
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
    for (const { message } of old) messages.remove(messageKey(message.chatId, message.messageId));
    return old.length;
  },
  stats: async () =>
    count(
      KINDS,
      Array.from(messages.rows(), ({ verdict }) => verdict?.kind ?? 'open'),
    ),
});
