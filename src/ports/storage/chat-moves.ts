import type { ChatMove } from '../../domain/chat/chat-move.ts';
import type { ChatId } from '../../domain/chat/ids.ts';

/** Chats that go on under another id. */
export interface ChatMoves {
  /**
   * Records the move, and gives the new chat what is the old one's: outbox items that are pending, promises, schedules,
   * the conversation and the turns. Numbers of messages do not move with them: what replied to a message replies to
   * none. Received messages, and what was sent or given up, MUST stay where they are. A promise's version MUST stay.
   * MUST resolve to false, and change nothing, when `from` has moved before.
   */
  add(move: ChatMove): Promise<boolean>;
  /**
   * The chat that this one has become; itself where it has not moved. Inside a unit of work: it does not move before
   * that ends.
   */
  home(chatId: ChatId): Promise<ChatId>;
  /** Every move, the earliest first. */
  list(): Promise<readonly ChatMove[]>;
}
