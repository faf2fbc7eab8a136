import { type ChatId, type MessageId, sharesNumbers } from '../../domain/chat/ids.ts';
import { type DeletedMessages, textOfParts } from '../../domain/message/message.ts';
import type { MessageRecord } from '../../domain/message/record.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { Presence } from '../presence/presence.ts';
import type { RunningTurns } from './running-turns.ts';

export type EraseMessages = (deleted: DeletedMessages) => Promise<void>;

/**
 * Forgets what deleted messages said: in the inbox, in the conversation, and in replies to them, quotes as well. One
 * that waits for its turn is not answered any more; a turn that is about it begins anew without it. Of messages that
 * came together, those that are left stay. When it resolves, this is durable; a repeat changes nothing.
 */
export const makeEraseMessages =
  (deps: {
    readonly unitOfWork: UnitOfWork;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly turns: Pick<RunningTurns, 'restart'>;
    readonly presence: Pick<Presence, 'withdraw'>;
  }): EraseMessages =>
  async ({ chatId, messageIds }) => {
    const changed = await deps.unitOfWork.run(async (stores) => {
      const found = await stores.messages.withNumbers(messageIds, chatId);
      const records = chatId === undefined ? found.filter(({ message }) => sharesNumbers(message.chatId)) : found;
      const erased: { readonly record: MessageRecord; readonly isGone: boolean }[] = [];
      for (const record of records) erased.push({ record, isGone: await eraseFrom(stores, record, messageIds, deps.clock.now()) });
      // Replies tell what they reply to, also of messages that were never received.
      const quoting = chatId === undefined ? (await stores.messages.chatsQuoting(messageIds)).filter(sharesNumbers) : [chatId];
      for (const id of quoting) await stores.messages.eraseQuotes(id, messageIds);
      const known = new Set(records.map(({ message }) => message.messageId));
      const others = messageIds.filter((id) => !known.has(id));
      for (const about of others.length > 0 ? await chatsAbout(stores, others, chatId) : [])
        await stores.conversations.erase(about, others);
      return erased;
    });
    deps.turns.restart({ messageIds, ...present({ chatId }) });
    for (const { record, isGone } of changed) {
      const { message, verdict, replyRandomId } = record;
      deps.turns.restart({ chatId: message.chatId, messageIds: [message.messageId] });
      const facts = { chatId: message.chatId, messageId: message.messageId };
      if (!isGone) deps.logger.debug(facts, 'message deleted in part: the rest of it stays');
      else if (verdict) deps.logger.debug(facts, 'message deleted: what it said is forgotten');
      else {
        deps.presence.withdraw(message.chatId, replyRandomId);
        deps.logger.info(facts, 'message deleted while it waits: it is not answered');
      }
    }
  };

/** Where those may be replied to. */
const chatsAbout = async (
  { conversations }: Pick<Stores, 'conversations'>,
  messageIds: readonly MessageId[],
  chatId: ChatId | undefined,
): Promise<readonly ChatId[]> => (chatId === undefined ? (await conversations.chatsAbout(messageIds)).filter(sharesNumbers) : [chatId]);

/** Resolves to whether nothing is left of it. */
const eraseFrom = async (
  { messages, conversations }: Pick<Stores, 'messages' | 'conversations'>,
  { message }: MessageRecord,
  gone: readonly MessageId[],
  at: number,
): Promise<boolean> => {
  const { chatId, messageId, parts = [] } = message;
  const left = parts.filter((part) => !gone.includes(part.messageId));
  const text = textOfParts(left);
  if (text === '') {
    await messages.erase(chatId, messageId, at);
    await conversations.erase(chatId, [messageId]);
    return true;
  }
  await messages.revise(chatId, messageId, { text, parts: left });
  await conversations.revise(chatId, messageId, text);
  return false;
};
