import type { ChatMove } from '../domain/chat/chat-move.ts';
import type { ChatId, MessageId } from '../domain/chat/ids.ts';
import type { DeletedMessages, IncomingMessage, Sender } from '../domain/message/message.ts';

export interface OutgoingMessage {
  readonly chatId: ChatId;
  readonly text: string;
  readonly replyTo?: MessageId;
  readonly answers: readonly MessageId[];
  readonly deliveryKey: string;
  /** The chat's id before it moved, where the message may have been delivered under that id already. */
  readonly movedFrom?: ChatId;
}

/** That a chat goes on under another id (`ChatMove`), without when it was learnt. */
export type MovedChat = Pick<ChatMove, 'from' | 'to'>;

/** An answer that is still growing. */
export interface GrowingAnswer {
  readonly chatId: ChatId;
  /** All of it so far; empty when what was shown is void, because the answer begins anew. */
  readonly text: string;
  readonly replyTo?: MessageId;
  /** That of the answer to come: both are one message. */
  readonly deliveryKey: string;
}

/** Rate limits that the platform imposes. What is absent is not limited. */
export interface GatewayLimits {
  /** The shortest time between two drafts of one answer. */
  readonly draftIntervalMs: number;
  /** False where an answer in a group is shown only when it is whole. */
  readonly draftsInGroups?: boolean;
  /** Sends and drafts, over all chats. */
  readonly sendsPerSecond?: number;
  /** The shortest time between two of them in one chat. */
  readonly chatIntervalMs?: number;
  /** Sends and drafts in that room with all its threads; undefined where it is not limited. */
  sendsPerMinuteIn?(room: ChatId): number | undefined;
}

/** A message, read again. */
export interface ReadMessage {
  readonly sender: Sender;
  /** Its words, and words for what else it holds; never empty. */
  readonly text: string;
}

/** A way to reach people: the local chat, Telegram. */
export interface ChatGateway {
  /** The first part of the ids of its chats, people and messages; see `gatewayOf`. */
  readonly name: string;
  readonly limits: GatewayLimits;
  /** Whether that chat may go on under another id one day. Absent where none does. */
  canMove?(chatId: ChatId): boolean;
  /**
   * Begins to hand over messages: first those that arrived while nobody listened, then each as it comes. MUST wait for
   * `receive` before it acknowledges a message anywhere, and MUST hand it over again when `receive` rejects. The same
   * holds for `erase`, which is told of messages that are gone, behind what came before in their chats, and for
   * `moved`: of a chat that has moved it is told before any message of the new one is handed over, perhaps more than
   * once.
   */
  start(
    receive: (message: IncomingMessage) => Promise<void>,
    erase?: (deleted: DeletedMessages) => Promise<void>,
    moved?: (chat: MovedChat) => Promise<void>,
  ): Promise<void>;
  /**
   * MUST deliver once, however often it is called with one `randomId`, and resolve to the same message id each time:
   * that of its first part where it takes several; undefined where it was delivered, and nobody can say any more as
   * which. MUST take the place of what `showDraft` has shown under that `randomId`, in this process or one that died.
   * With `movedFrom`, MUST look there first: what arrived under the old id is delivered. To a chat that has moved, or
   * does so meanwhile, it MAY deliver under the new id, to no reply. Rejects with PortError; `rate-limited` means that
   * what is missing was not delivered, and that a repeat goes on from there. MUST NOT wait out by itself what the other
   * side asks for.
   */
  send(message: OutgoingMessage): Promise<MessageId | undefined>;
  /**
   * These three are best effort, and nobody waits for them. They MAY reject with PortError (`rate-limited` …), and are
   * not repeated. A draft MUST show nothing more once `send` or `withdraw` was called with its `randomId`.
   */
  showDraft(draft: GrowingAnswer): Promise<void>;
  /**
   * Takes back what `showDraft` has shown under that `randomId`: no answer comes of it. MUST take back no answer. Best
   * effort; absent where what is shown fades by itself.
   */
  withdraw?(chatId: ChatId, randomId: string): Promise<void>;
  /** That an answer is being written; it fades by itself after some seconds. */
  showTyping(chatId: ChatId): Promise<void>;
  /** That a message has been received and will be answered. */
  acknowledge(chatId: ChatId, messageId: MessageId): Promise<void>;
  /**
   * Makes a message that `send` has delivered say `text` instead. Best effort like the three before; resolves to false
   * where it can't be: the message is gone, can't be edited any more, or `text` takes several. Absent where nothing can
   * be edited.
   */
  edit?(chatId: ChatId, messageId: MessageId, text: string): Promise<boolean>;
  /**
   * The message that this one replies to, where the chat still has it and the gateway's account may see it. Rejects
   * with PortError. Absent where people can't reply, or all that they reply to is in the inbox.
   */
  readReplied?(chatId: ChatId, messageId: MessageId): Promise<ReadMessage | undefined>;
  stop(): Promise<void>;
}
