import type { ChatId } from '../../domain/chat/ids.ts';
import type { Summary } from '../../domain/conversation/summary.ts';

/**
 * The summary of each chat's conversation. `ConversationStore` drops it where an entry that it covers is revised or
 * erased, and where the chat is forgotten; `ChatMoves` drops those of both chats.
 */
export interface SummaryStore {
  get(chatId: ChatId): Promise<Summary | undefined>;
  /**
   * Stores the chat's summary in place of `over`; undefined: of none. MUST resolve to false, and change nothing, if the
   * chat has another one by now, or none. Inside a unit of work, no other unit MUST be able to revise, erase or forget
   * what the chat's conversation holds from this call to the unit's end: entries that are read behind it are those that
   * the summary stands for.
   */
  put(summary: Summary, over: Summary | undefined): Promise<boolean>;
}
