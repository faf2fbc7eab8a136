import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { ConversationEntry } from '../../domain/conversation/conversation.ts';
import type { Turn, TurnId, Usage } from '../../domain/conversation/turn.ts';

/** What was said in each chat, as models will see it. */
export interface ConversationStore {
  /** MUST keep the order of the entries within a chat. */
  append(entries: readonly ConversationEntry[]): Promise<void>;
  /** The newest `limit` entries of a chat since it was last forgotten, oldest of them first. */
  recent(chatId: ChatId, limit: number): Promise<readonly ConversationEntry[]>;
  /** Gives a message other words, in its place, and where the reply to it tells what it says. */
  revise(chatId: ChatId, messageId: MessageId, text: string): Promise<void>;
  /** Takes messages out. MUST keep nothing of what they said, in replies to them, either. */
  erase(chatId: ChatId, messageIds: readonly MessageId[]): Promise<void>;
  /** Chats whose conversations hold one of these messages, or a reply to one, in the order of their ids as texts. */
  chatsAbout(messageIds: readonly MessageId[]): Promise<readonly ChatId[]>;
  /** From here on the chat's conversation begins anew. What was said stays stored, and is not shown again. */
  forget(chatId: ChatId): Promise<void>;
}

/** The record of finished turns, and of what attempts have used. */
export interface TurnStore {
  add(turn: Turn): Promise<void>;
  get(id: TurnId): Promise<Turn | undefined>;
  /**
   * What a chat's turns and attempts that ended at `since` (ms since 1970) or later have used together, and how many of
   * each they were.
   */
  usage(chatId: ChatId, since: number): Promise<Usage & { readonly turns: number; readonly attempts: number }>;
}
