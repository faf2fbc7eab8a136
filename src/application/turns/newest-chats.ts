import type { ChatId } from '../../domain/chat/ids.ts';

/** The most chats that this process remembers something of. */
const MAX_CHATS = 10_000;

/** Remembers something of a chat, as the newest one. Of too many chats, the one put longest ago is forgotten. */
export const putNewest = <Value>(chats: Map<ChatId, Value>, chatId: ChatId, value: Value): void => {
  chats.delete(chatId);
  chats.set(chatId, value);
  const [oldest] = chats.keys();
  if (chats.size > MAX_CHATS && oldest !== undefined) chats.delete(oldest);
};
