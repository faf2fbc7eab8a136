import type { ChatMove } from '../../domain/chat/chat-move.ts';
import type { ChatId } from '../../domain/chat/ids.ts';

/** Chats that have moved to another id. */
export interface ChatMoves {
  /**
   * Records the move, and moves pending outbox items, promises, schedules, the conversation, facts, links and the
   * turns to the new chat. Message ids do not move: what replied to a message then replies to none. MUST drop the
   * summaries of both chats. A link that both chats have stays as it is in the new one. Received messages, and
   * outbox items that were sent or failed, MUST stay where they are. A promise's version MUST NOT change. MUST
   * resolve to false, and change nothing, if `from` has moved before.
   */
  add(move: ChatMove): Promise<boolean>;
  /**
   * The current id of a chat: the same id if it has not moved. Inside a unit of work, the chat does not move before the
   * unit ends.
   */
  home(chatId: ChatId): Promise<ChatId>;
  /** Every move, the earliest first. */
  list(): Promise<readonly ChatMove[]>;
}
