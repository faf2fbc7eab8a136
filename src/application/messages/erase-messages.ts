import { type ChatId, type MessageId, sharesNumbers } from '../../domain/message/ids.ts';
import { type DeletedMessages, textOfParts } from '../../domain/message/message.ts';
import type { MessageRecord } from '../../domain/message/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Stores, UnitOfWork } from '../../ports/unit-of-work.ts';
import type { Presence } from '../presence/presence.ts';
import type { RunningTurns } from './running-turns.ts';

export type EraseMessages = (deleted: DeletedMessages) => Promise<void>;

/**
 * Forgets what deleted messages said: in the inbox, in the conversation, and in replies to them. One that waits for its
 * turn is not answered any more; a turn that answers it begins anew without it. Of messages that came together, those
 * that are left stay. When it resolves, this is durable; a repeat changes nothing.
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
    const isMeant = (candidate: ChatId): boolean => (chatId === undefined ? sharesNumbers(candidate) : candidate === chatId);
    const changed = await deps.unitOfWork.run(async (stores) => {
      const records = (await stores.messages.withNumbers(messageIds)).filter(({ message }) => isMeant(message.chatId));
      for (const record of records) await eraseFrom(stores, record, messageIds, deps.clock.now());
      // Replies tell what they reply to, also of messages that were never received.
      const kept = new Set(records.map(({ message }) => message.messageId));
      const others = messageIds.filter((id) => !kept.has(id));
      for (const about of others.length > 0 ? (await stores.conversations.chatsAbout(others)).filter(isMeant) : [])
        await stores.conversations.erase(about, others);
      return records;
    });
    for (const { message, verdict, replyRandomId } of changed) {
      deps.turns.restart(message.chatId, message.messageId);
      const facts = { chatId: message.chatId, messageId: message.messageId };
      if (verdict) deps.logger.debug(facts, 'message deleted: what it said is forgotten');
      else {
        deps.presence.withdraw(message.chatId, replyRandomId);
        deps.logger.info(facts, 'message deleted while it waits: it is not answered');
      }
    }
  };

const eraseFrom = async (
  { messages, conversations }: Pick<Stores, 'messages' | 'conversations'>,
  { message }: MessageRecord,
  gone: readonly MessageId[],
  at: number,
): Promise<void> => {
  const { chatId, messageId, parts = [] } = message;
  const left = parts.filter((part) => !gone.includes(part.messageId));
  const text = textOfParts(left);
  if (text === '') {
    await messages.erase(chatId, messageId, at);
    await conversations.erase(chatId, [messageId]);
    return;
  }
  await messages.revise(chatId, messageId, { text, parts: left });
  await conversations.revise(chatId, messageId, text);
};
