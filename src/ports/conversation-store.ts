import type { ConversationEntry } from '../domain/conversation/conversation.ts';
import type { Turn, TurnId } from '../domain/conversation/turn.ts';
import type { ChatId } from '../domain/message/ids.ts';

/** What was said in each chat, as models will see it. */
export interface ConversationStore {
  /** MUST keep the order of the entries within a chat. */
  append(entries: readonly ConversationEntry[]): Promise<void>;
  /** The newest `limit` entries of a chat, oldest of them first. */
  recent(chatId: ChatId, limit: number): Promise<readonly ConversationEntry[]>;
}

/** The record of finished turns. */
export interface TurnStore {
  add(turn: Turn): Promise<void>;
  get(id: TurnId): Promise<Turn | undefined>;
}
