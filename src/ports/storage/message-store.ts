import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { InboxMessage, Verdict } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage, Sender } from '../../domain/message/message.ts';

/** What a message says now. */
export interface Revision extends Pick<IncomingMessage, 'text' | 'parts'> {
  /** Absent: it says less than before, and nobody has written it. */
  readonly editedAt?: number;
}

/** The inbox: every message that ever reached us, with what became of it. */
export interface MessageStore {
  /** MUST resolve to false, and change nothing, when (chat, message) is already there. */
  add(record: InboxMessage): Promise<boolean>;
  /** Inside a unit of work: nobody else changes the message before that ends. */
  get(chatId: ChatId, messageId: MessageId): Promise<InboxMessage | undefined>;
  /** Who sent those of these messages that are there. */
  senders(chatId: ChatId, messageIds: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Sender>>;
  /**
   * Replaces what a message says, whatever became of it. MUST resolve to false, and change nothing, when it is missing,
   * denied or deleted, or says what somebody wrote later: at a time above `editedAt`.
   */
  revise(chatId: ChatId, messageId: MessageId, said: Revision): Promise<boolean>;
  /**
   * Replaces what a message says by what it says with its attachments, which are fetched: nothing is left to fetch.
   * MUST resolve to false, and change nothing, when it is missing or deleted, or has nothing left to fetch.
   */
  complete(chatId: ChatId, messageId: MessageId, said: Pick<IncomingMessage, 'text' | 'parts'>): Promise<boolean>;
  /** Messages with attachments still to be fetched, longest waiting first, at most `limit`; no deleted ones. */
  incomplete(limit: number): Promise<readonly InboxMessage[]>;
  /**
   * Lets a message wait for its turn that was remembered or ignored. MUST resolve to false, and change nothing, where
   * anything else became of it.
   */
  reopen(
    chatId: ChatId,
    messageId: MessageId,
    decided: Pick<InboxMessage, 'response'> & Pick<IncomingMessage, 'addressedTo'>,
  ): Promise<boolean>;
  /**
   * Messages with one of these ids, or with a part that has one, in the order in which they were added; no deleted
   * ones. Without a chat: in any chat.
   */
  withIds(messageIds: readonly MessageId[], chatId?: ChatId): Promise<readonly InboxMessage[]>;
  /**
   * Marks a message as deleted, and keeps nothing of what it said. One that waits for its turn gets the verdict
   * `ignored`. MUST resolve to false, and change nothing, when it is missing or deleted already.
   */
  erase(chatId: ChatId, messageId: MessageId, at: number): Promise<boolean>;
  /** Chats in which a message quotes one of these, in the order of their ids as texts. */
  chatsQuoting(messageIds: readonly MessageId[]): Promise<readonly ChatId[]>;
  /** Takes out what messages of that chat quote of these. */
  eraseQuotes(chatId: ChatId, messageIds: readonly MessageId[]): Promise<void>;
  /** Messages that wait for their turn (no verdict), in the order in which they were added, at most `limit`. */
  open(chatId: ChatId, limit: number): Promise<readonly InboxMessage[]>;
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
