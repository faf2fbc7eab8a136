import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { type IncomingMessage, textOfParts } from '../../domain/message/message.ts';
import { present } from '../../domain/shared/present.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';

/**
 * An album may come again in other pieces, because the connection was lost between two parts. Resolves to the message
 * with only the parts that were not received yet, under the id of the first of them; if all were received, to the
 * stored message that has the first part.
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
  // Denied messages are stored without parts.
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
