import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { type DeletedMessages, mayBeIn, textOfParts } from '../../domain/message/message.ts';
import { linksOf } from '../../domain/recall/link.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { Presence } from '../presence/presence.ts';
import type { RunningTurns } from './running-turns.ts';

export type EraseMessages = (deleted: DeletedMessages) => Promise<void>;

/**
 * Removes the texts of deleted messages from the inbox, the conversation, links and quotes. A deleted message that
 * waits for its turn is not answered; a running turn that answers it starts over without it. The other parts of an
 * album stay. When it resolves, the change is durable; a repeat changes nothing.
 */
export const makeEraseMessages =
  (deps: {
    readonly unitOfWork: UnitOfWork;
    readonly clock: Clock;
    readonly events: Events;
    readonly turns: Pick<RunningTurns, 'restart'>;
    readonly presence: Pick<Presence, 'withdraw'>;
  }): EraseMessages =>
  async (deleted) => {
    const { chat, messageIds } = deleted;
    const chatId = typeof chat === 'function' ? undefined : chat;
    const changed = await deps.unitOfWork.run(async (stores) => {
      const found = await stores.messages.withIds(messageIds, chatId);
      const records = found.filter(({ message }) => mayBeIn(deleted, message.chat.id));
      const erased: { readonly record: InboxMessage; readonly isGone: boolean }[] = [];
      for (const record of records) erased.push({ record, isGone: await eraseFrom(stores, record, messageIds, deps.clock.now()) });
      // Replies also quote messages that were never received.
      const quoting = typeof chat === 'function' ? (await stores.messages.chatsQuoting(messageIds)).filter(chat) : [chat];
      for (const id of quoting) await stores.messages.eraseQuotes(id, messageIds);
      const known = new Set(records.map(({ message }) => message.messageId));
      const others = messageIds.filter((id) => !known.has(id));
      for (const about of others.length > 0 ? await chatsAbout(stores, others, chat) : []) await stores.conversations.erase(about, others);
      return erased;
    });
    deps.turns.restart(deleted);
    for (const { record, isGone } of changed) {
      const { message, verdict, replyKey } = record;
      deps.turns.restart({ chat: message.chat.id, messageIds: [message.messageId] });
      if (isGone && !verdict) deps.presence.withdraw(message.chat.id, replyKey);
      deps.events.emit({
        type: 'message-deleted',
        chatId: message.chat.id,
        messageId: message.messageId,
        effect: !isGone ? 'part' : verdict ? 'forgotten' : 'unanswered',
      });
    }
  };

/** The chats in which these messages may be replied to. */
const chatsAbout = async (
  { conversations }: Pick<Stores, 'conversations'>,
  messageIds: readonly MessageId[],
  chat: DeletedMessages['chat'],
): Promise<readonly ChatId[]> => (typeof chat === 'function' ? (await conversations.chatsAbout(messageIds)).filter(chat) : [chat]);

/** Resolves to whether the whole message is gone. */
const eraseFrom = async (
  { messages, conversations, links }: Pick<Stores, 'messages' | 'conversations' | 'links'>,
  { message }: InboxMessage,
  gone: readonly MessageId[],
  at: number,
): Promise<boolean> => {
  const {
    chat: { id: chatId },
    messageId,
    parts = [],
    files = [],
  } = message;
  const left = parts.filter((part) => !gone.includes(part.messageId));
  const text = textOfParts(left);
  if (text === '') {
    await messages.erase(chatId, messageId, at);
    await conversations.erase(chatId, [messageId]);
    await links.erase(chatId, [messageId]);
    return true;
  }
  const leftFiles = files.filter((file) => !gone.includes(file.messageId));
  await messages.revise(chatId, messageId, { text, parts: left, ...present({ files: leftFiles.length > 0 ? leftFiles : undefined }) });
  await conversations.revise(chatId, messageId, text);
  await links.erase(
    chatId,
    [messageId],
    linksOf(text).map(({ key }) => key),
  );
  return false;
};
