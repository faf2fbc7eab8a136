import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { ConversationEntry } from '../../domain/conversation/conversation.ts';
import type { PlacedEntry } from '../../domain/conversation/summary.ts';
import type { Turn, TurnId, Usage } from '../../domain/conversation/turn.ts';
import type { WordQuery } from '../../domain/conversation/words.ts';

/** The conversation of each chat, as models see it. */
export interface ConversationStore {
  /** MUST keep the order of the entries within a chat. */
  append(entries: readonly ConversationEntry[]): Promise<void>;
  /** The newest `limit` entries of a chat since it was last forgotten, oldest of them first. */
  recent(chatId: ChatId, limit: number): Promise<readonly ConversationEntry[]>;
  /** The newest `limit` entries of a chat behind that place since it was last forgotten, oldest of them first. */
  after(chatId: ChatId, place: number, limit: number): Promise<readonly PlacedEntry[]>;
  /**
   * The newest `limit` entries of a chat in which people or the agent said what the query finds (`isFound` over
   * `wordsOf` of `saidIn`), newest first, whether the chat was forgotten since or not. MUST find what is appended,
   * revised or erased in the same unit of work as it is then. MUST NOT find tools' outputs or quotes.
   */
  search(chatId: ChatId, query: WordQuery, limit: number): Promise<readonly ConversationEntry[]>;
  /**
   * Replaces the text of a message, and of the quotes of it in replies. MUST drop a summary that covers one of these
   * entries.
   */
  revise(chatId: ChatId, messageId: MessageId, text: string): Promise<void>;
  /**
   * Removes messages. MUST keep nothing of their text, also not in replies to them, or in a summary that covers them.
   */
  erase(chatId: ChatId, messageIds: readonly MessageId[]): Promise<void>;
  /** Chats whose conversations contain one of these messages, or a reply to one, sorted by their ids as texts. */
  chatsAbout(messageIds: readonly MessageId[]): Promise<readonly ChatId[]>;
  /**
   * Starts the chat's conversation from the beginning, without a summary. Earlier entries stay stored, and are not
   * shown again.
   */
  forget(chatId: ChatId): Promise<void>;
}

/** Finished turns, and the usage of attempts. */
export interface TurnStore {
  /** To add a turn that is there already MUST change nothing: whoever does not know whether it is stored repeats it. */
  add(turn: Turn): Promise<void>;
  get(id: TurnId): Promise<Turn | undefined>;
  /**
   * The total usage of a chat's turns and attempts that ended at `since` (ms since 1970) or later, and the number of
   * each.
   */
  usage(chatId: ChatId, since: number): Promise<Usage & { readonly turns: number; readonly attempts: number }>;
}
