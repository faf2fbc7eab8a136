import type { ChatId, MessageId } from '../domain/message/ids.ts';
import type { IncomingMessage } from '../domain/message/message.ts';

export interface OutgoingMessage {
  readonly chatId: ChatId;
  readonly text: string;
  readonly replyTo?: MessageId;
  readonly answers: readonly MessageId[];
  readonly randomId: string;
}

/** A way to reach people: the local chat, Telegram. */
export interface ChatGateway {
  readonly name: string;
  /** Whether this gateway's chats include that one. */
  serves(chatId: ChatId): boolean;
  /**
   * Begins to hand over messages: first those that arrived while nobody listened, then each as it comes.
   * MUST wait for `receive` before it acknowledges a message anywhere, and MUST hand it over again when `receive` rejects.
   */
  start(receive: (message: IncomingMessage) => Promise<void>): Promise<void>;
  /** MUST deliver once, however often it is called with one `randomId`, and resolve to the same message id each time. */
  send(message: OutgoingMessage): Promise<MessageId>;
  /** Shows, best effort, an answer that is growing; `text` is all of it so far. MUST NOT reject. */
  showDraft(chatId: ChatId, text: string): void;
  stop(): Promise<void>;
}
