import type { ChatId, MessageId } from '../domain/message/ids.ts';
import type { Sender } from '../domain/message/message.ts';
import type { MessageRecord, Verdict } from '../domain/message/record.ts';

/** The inbox: every message that ever reached us, with what became of it. */
export interface MessageStore {
  /** MUST resolve to false, and change nothing, when (chat, message) is already there. */
  add(record: MessageRecord): Promise<boolean>;
  get(chatId: ChatId, messageId: MessageId): Promise<MessageRecord | undefined>;
  /** Who sent those of these messages that are there. */
  senders(chatId: ChatId, messageIds: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Sender>>;
  /** Replaces the text of an open message. MUST resolve to false, and change nothing, when it is missing or has a verdict. */
  revise(chatId: ChatId, messageId: MessageId, text: string): Promise<boolean>;
  /** Messages that wait for their turn (no verdict), lowest id first, at most `limit`. */
  open(chatId: ChatId, limit: number): Promise<readonly MessageRecord[]>;
  /** Chats with open messages, longest waiting first. */
  chatsWithOpen(): Promise<readonly ChatId[]>;
  /** MUST reject with PortError `concurrency`, and settle none, when any of them is missing or has a verdict. */
  settle(chatId: ChatId, messageIds: readonly MessageId[], verdict: Verdict): Promise<void>;
  /**
   * Deletes denied messages, at most `limit`, those first that were received first: what was received before that time,
   * and what is older than the newest `keep`. Resolves to how many went. MUST delete no other message.
   */
  purgeDenied(request: { readonly receivedBefore: number; readonly keep: number; readonly limit: number }): Promise<number>;
  /** Messages by verdict; those without one count as `open`. */
  stats(): Promise<Readonly<Record<Verdict['kind'] | 'open', number>>>;
}
