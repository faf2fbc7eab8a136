import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { type IncomingMessage, textOfParts } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';

/**
 * What came together once may come in pieces when it comes again, or the other way round: a connection was lost between
 * two parts. Gives the message with those parts that were not received yet, under the first one's number; where all
 * were, the record that has the first.
 */
export const withoutHeardParts = async (
  messages: Pick<MessageStore, 'withIds'>,
  message: IncomingMessage,
): Promise<IncomingMessage | InboxMessage> => {
  const {
    chat: { id: chatId },
    parts,
  } = message;
  if (!parts) return message;
  const near = await messages.withIds(parts.map(({ messageId }) => messageId));
  const records = near.filter((record) => record.message.chat.id === chatId);
  const heard = new Map(
    records.flatMap((record) => [record.message, ...(record.message.parts ?? [])].map(({ messageId }) => [messageId, record] as const)),
  );
  const [first, ...others] = parts.filter(({ messageId }) => !heard.has(messageId));
  const [known] = parts.flatMap(({ messageId }) => heard.get(messageId) ?? []);
  if (!known) return message;
  // Of what was denied no parts are kept.
  if (!first || !known.access.allowed) return known;
  const left = [first, ...others];
  const attachments = message.attachments?.filter((attachment) => left.some((part) => part.messageId === attachment.messageId));
  const { attachments: _, ...rest } = message;
  return {
    ...rest,
    messageId: first.messageId,
    parts: left,
    text: textOfParts(left),
    ...present({ attachments: attachments?.length ? attachments : undefined }),
  };
};
