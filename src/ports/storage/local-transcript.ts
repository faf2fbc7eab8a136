import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { MessageButton } from '../../domain/outbox/outbox.ts';

/** One message of a local chat, as the people at this machine see it. */
export interface TranscriptMessage {
  readonly chatId: ChatId;
  readonly messageId: MessageId;
  /** Its place in the chat's order: a positive whole number, higher than that of every message before it. */
  readonly sequence: number;
  readonly from: 'operator' | 'agent';
  readonly text: string;
  readonly replyTo?: MessageId;
  /** The messages that this one answers; empty for the operator's own and for promise results. */
  readonly answers: readonly MessageId[];
  /** ms since 1970. */
  readonly at: number;
  /** Below it, in their order. */
  readonly buttons?: readonly MessageButton[];
}

/** The durable messages of local chats, which both sides read: the counterpart of Telegram's servers. */
export interface LocalTranscript {
  /**
   * Numbers the message within its chat and stores it. MUST resolve to the first one stored when `randomId` was used in
   * that chat before.
   */
  post(message: Omit<TranscriptMessage, 'messageId' | 'sequence'> & { readonly randomId: string }): Promise<TranscriptMessage>;
  /** That message; undefined where the chat has none of that id. */
  get(chatId: ChatId, messageId: MessageId): Promise<TranscriptMessage | undefined>;
  /** At most `limit` messages with a higher sequence than `after`, lowest first. */
  list(chatId: ChatId, after: number, limit: number): Promise<readonly TranscriptMessage[]>;
  /**
   * The newest `limit` messages of a chat, lowest sequence first: where a new reader begins. With `before`, of those
   * with a lower sequence.
   */
  latest(chatId: ChatId, limit: number, before?: number): Promise<readonly TranscriptMessage[]>;
  /** Operator's messages not yet marked as received, in the order they came, all chats together. */
  unreceived(limit: number): Promise<readonly TranscriptMessage[]>;
  markReceived(chatId: ChatId, messageId: MessageId): Promise<void>;
}
