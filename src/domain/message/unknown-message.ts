import type { ChatId, MessageId } from '../chat/ids.ts';

/** Why nothing can be told of a message. Whose it was, nobody knows any more. */
export const unknownMessageWords = (chatId: ChatId, messageId: MessageId): string =>
  `nothing is known of message ${messageId} of chat ${chatId}: it never came in, or was forgotten since`;
