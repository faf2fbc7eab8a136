import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { FetchedAttachment } from '../../domain/message/attachment.ts';
import type { InboxMessage, Verdict } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage, Sender } from '../../domain/message/message.ts';

/** The current text of a message. */
export interface Revision extends Pick<IncomingMessage, 'text' | 'parts' | 'files'> {
  /** Absent if nobody edited the message, but a part of it was deleted. */
  readonly editedAt?: number;
}

/** Which messages are listed. What is absent does not narrow it. */
export interface NewestMessagesQuery {
  /** Those with one of these verdicts; `open`: with none yet. */
  readonly verdicts?: readonly (Verdict['kind'] | 'open')[];
  readonly chatId?: ChatId;
  /** Only what was added before that message; nothing where it is not stored any more. */
  readonly before?: { readonly chatId: ChatId; readonly messageId: MessageId };
  readonly limit: number;
}

/** A chat that a message came from. */
export interface KnownChat {
  readonly last: InboxMessage;
  /** When the newest message to it was stored. Absent: there is none. */
  readonly repliedAt?: number;
}

/** The inbox: every received message, with its verdict. */
export interface MessageStore {
  /** Stores a message. MUST resolve to false, and change nothing, if (chat, message) is stored already. */
  add(record: InboxMessage): Promise<boolean>;
  /** Inside a unit of work, nobody else changes the message until the unit ends. */
  get(chatId: ChatId, messageId: MessageId): Promise<InboxMessage | undefined>;
  /** The senders of these messages, as far as they are stored. */
  senders(chatId: ChatId, messageIds: readonly MessageId[]): Promise<ReadonlyMap<MessageId, Sender>>;
  /**
   * Replaces the text of a message, and the files that it speaks of, whatever its verdict. MUST resolve to false, and
   * change nothing, if the message is missing, denied or deleted, or was edited after `editedAt`.
   */
  revise(chatId: ChatId, messageId: MessageId, said: Revision): Promise<boolean>;
  /**
   * Replaces the text of a message by its text with the fetched attachments, and stores these; then nothing is left to
   * fetch. MUST resolve to false, and change nothing, if the message is missing or deleted, or has nothing left to
   * fetch.
   */
  complete(chatId: ChatId, messageId: MessageId, said: Pick<IncomingMessage, 'text' | 'parts' | 'files'>): Promise<boolean>;
  /** What became of the attachments of these messages, for those that have any and are not deleted. */
  files(chatId: ChatId, messageIds: readonly MessageId[]): Promise<ReadonlyMap<MessageId, readonly FetchedAttachment[]>>;
  /** At most `limit` messages whose attachments are not fetched yet, longest waiting first, without deleted ones. */
  incomplete(limit: number): Promise<readonly InboxMessage[]>;
  /**
   * Makes a remembered or ignored message wait for its turn again. MUST resolve to false, and change nothing, if it has
   * any other verdict.
   */
  reopen(
    chatId: ChatId,
    messageId: MessageId,
    decided: Pick<InboxMessage, 'response'> & Pick<IncomingMessage, 'addressedTo'>,
  ): Promise<boolean>;
  /**
   * Messages that have, or whose parts have, one of these ids, in the order in which they were added, without deleted
   * ones. Default for the chat: every chat.
   */
  withIds(messageIds: readonly MessageId[], chatId?: ChatId): Promise<readonly InboxMessage[]>;
  /**
   * Marks a message as deleted, and removes its text and where its files are. A message that waits for its turn gets
   * the verdict `ignored`. MUST resolve to false, and change nothing, if the message is missing or deleted already.
   */
  erase(chatId: ChatId, messageId: MessageId, at: number): Promise<boolean>;
  /** Chats in which a message quotes one of these, sorted by their ids as texts. */
  chatsQuoting(messageIds: readonly MessageId[]): Promise<readonly ChatId[]>;
  /** Removes the quotes of these messages from the messages of that chat. */
  eraseQuotes(chatId: ChatId, messageIds: readonly MessageId[]): Promise<void>;
  /** At most `limit` messages that wait for their turn (no verdict), in the order in which they were added. */
  open(chatId: ChatId, limit: number): Promise<readonly InboxMessage[]>;
  /** The messages that were added last, the last one first. */
  newest(query: NewestMessagesQuery): Promise<readonly InboxMessage[]>;
  /**
   * Every chat that a message came from, at most `limit`, in the order of their ids, with what came last and when
   * something was last said to it.
   */
  chats(limit: number): Promise<readonly KnownChat[]>;
  /** Chats with open messages, longest waiting first. */
  chatsWithOpen(): Promise<readonly ChatId[]>;
  /**
   * Gives messages their verdict. MUST reject with PortError `concurrency`, and settle none, if any of them is missing
   * or has a verdict.
   */
  settle(chatId: ChatId, messageIds: readonly MessageId[], verdict: Verdict): Promise<void>;
  /**
   * Deletes at most `limit` denied messages, earliest received first: those received before `receivedBefore`, and those
   * older than the newest `keep`. Resolves to the number deleted. MUST delete no other message.
   */
  purgeDenied(request: { readonly receivedBefore: number; readonly keep: number; readonly limit: number }): Promise<number>;
  /** Messages by verdict; those without one count as `open`. */
  stats(): Promise<Readonly<Record<Verdict['kind'] | 'open', number>>>;
}
