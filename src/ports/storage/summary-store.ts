import type { ChatId } from '../../domain/chat/ids.ts';
import type { Summary } from '../../domain/conversation/summary.ts';

/**
 * The summary of each chat's conversation. `ConversationStore` drops it where an entry that it covers is revised or
 * erased, and where the chat is forgotten; `ChatMoves` drops those of both chats.
 */
export interface SummaryStore {
  get(chatId: ChatId): Promise<Summary | undefined>;
  /**
   * Stores the chat's summary, in place of an earlier one. Inside a unit of work, no other unit MUST be able to revise,
   * erase or forget what the chat's conversation holds from here to the unit's end: entries that are read behind this
   * call are those that the summary stands for.
   */
  put(summary: Summary): Promise<void>;
}
