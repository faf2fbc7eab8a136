import type { ChatMove } from '../domain/chat/chat-move.ts';
import type { ChatId, MessageId } from '../domain/chat/ids.ts';
import type { FetchedAttachment } from '../domain/message/attachment.ts';
import type { DeletedMessages, IncomingMessage, Sender } from '../domain/message/message.ts';
import type { MessageButton } from '../domain/outbox/outbox.ts';

export interface OutgoingMessage {
  readonly chatId: ChatId;
  readonly text: string;
  readonly replyTo?: MessageId;
  readonly answers: readonly MessageId[];
  readonly deliveryKey: string;
  /** The chat's id before it moved, where the message may have been delivered under that id already. */
  readonly movedFrom?: ChatId;
  /** In one row below the text. MAY be left out where the platform, or the kind of account, has none. */
  readonly buttons?: readonly MessageButton[];
}

/** Somebody tapped a button. */
export interface ButtonTap {
  readonly chatId: ChatId;
  /** The message below which the button is. */
  readonly messageId: MessageId;
  readonly sender: Sender;
  /** As the platform brings it: anybody may have written it. */
  readonly data: string;
}

/** A chat that goes on under another id. As `ChatMove`, without its time. */
export type MovedChat = Pick<ChatMove, 'from' | 'to'>;

/** An answer that is still growing. */
export interface GrowingAnswer {
  readonly chatId: ChatId;
  /** All of it so far; empty when the answer starts over and what was shown is void. */
  readonly text: string;
  readonly replyTo?: MessageId;
  /** The key of the answer to come: draft and answer are one message. */
  readonly deliveryKey: string;
}

/** Rate limits that the platform imposes. What is absent is not limited. */
export interface GatewayLimits {
  /** The shortest time between two drafts of one answer. */
  readonly draftIntervalMs: number;
  /** False where an answer in a group is shown only when it is complete. */
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

/** How the files of a message are fetched. */
export interface FetchOptions {
  /** The directory (absolute) below which they are kept. */
  readonly directory: string;
  /** A larger file is not kept. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** Where a gateway hands over what happens on its platform. */
export interface GatewayInlet {
  /**
   * Takes a message in; resolves when it is durable. Messages of one chat are taken in the order of these calls: a
   * gateway calls for the next one without waiting for the one before. Rejects only when the bot stops; then nothing
   * behind that message in its chat resolves either.
   */
  received(message: IncomingMessage): Promise<void>;
  /**
   * Forgets messages that were deleted; resolves when that is durable. Takes its turn behind the messages of its chat
   * that were handed over before; where the chat is unknown, behind those of every chat that it may be.
   */
  erased(deleted: DeletedMessages): Promise<void>;
  /** Goes on in the chat's new id; resolves when that is durable. Messages of the new id wait until then. */
  moved(chat: MovedChat): Promise<void>;
  /**
   * Takes a tap of a button; resolves, soon, to what the person is shown for it, at most 200 characters. What it
   * decided is durable then. Rejects only when the bot stops. A tap MAY come twice, or never.
   */
  tapped(tap: ButtonTap): Promise<string>;
}

/** A way to reach people: the local chat, Telegram. */
export interface ChatGateway {
  /** The first part of the ids of its chats, people and messages; see `gatewayOf`. */
  readonly name: string;
  readonly limits: GatewayLimits;
  /** Whether that chat may go on under another id one day. Absent where no chat does. */
  canMove?(chatId: ChatId): boolean;
  /**
   * Begins to hand over what happens: first what arrived while nobody listened, then each message as it comes.
   *
   * MUST call `received` in the order of each chat. MUST acknowledge a message (to the platform, or in its own stored
   * checkpoint) only when its `received` has resolved, and MUST hand over again, at the latest after the next start,
   * what was rejected or not resolved. The same holds for `erased` and `moved`. MUST call `moved` before `received` for
   * any message of the new id; it MAY call it more than once. MUST NOT repeat a call that is pending: the inlet does
   * what is needed to take the message in.
   */
  start(inlet: GatewayInlet): Promise<void>;
  /**
   * MUST deliver once, however often it is called with one `deliveryKey`, in this process or the next, and resolve to
   * the same message id each time: the id of the first part where it takes several. Resolves to `undefined` if delivery
   * is certain but the message id is unknown. MUST replace the draft that `showDraft` has shown under that key.
   *
   * With `movedFrom`, MUST look in that chat first: what arrived there is delivered. To a chat that has moved, or moves
   * meanwhile, it MAY deliver under the new id, as no reply.
   *
   * Rejects with PortError. `rate-limited` means that the rest was not delivered, and that a repeat continues there.
   * MUST NOT wait for the time that the platform asks for: the caller does.
   */
  send(message: OutgoingMessage): Promise<MessageId | undefined>;
  /**
   * Shows an answer while it grows. Best effort: MAY reject with PortError; is not repeated. MUST show nothing after
   * `send` or `withdraw` was called with the same `deliveryKey`.
   */
  showDraft(draft: GrowingAnswer): Promise<void>;
  /**
   * Removes the draft shown under that `deliveryKey`: no answer follows. Best effort: MAY reject with PortError; is not
   * repeated. MUST NOT remove an answer that was sent. Absent where drafts fade by themselves.
   */
  withdraw?(chatId: ChatId, deliveryKey: string): Promise<void>;
  /**
   * Shows that an answer is being written; it fades after some seconds. Best effort: MAY reject with PortError; is not
   * repeated.
   */
  showTyping(chatId: ChatId): Promise<void>;
  /**
   * Shows that a message was received and will be answered. Best effort: MAY reject with PortError; is not repeated.
   */
  acknowledge(chatId: ChatId, messageId: MessageId): Promise<void>;
  /**
   * Replaces the text of a message that `send` has delivered. Best effort: MAY reject with PortError; is not repeated.
   * Resolves to false where that is impossible: the message is gone, can no longer be edited, or `text` needs several
   * messages. Buttons below it are removed. Absent where nothing can be edited.
   */
  edit?(chatId: ChatId, messageId: MessageId, text: string): Promise<boolean>;
  /**
   * Pins a message of ours in its chat, without a notification; MAY be called again. Resolves to false where we may not
   * pin there, or the message is gone. Rejects with PortError. Absent where nothing can be pinned.
   */
  pin?(chatId: ChatId, messageId: MessageId): Promise<boolean>;
  /**
   * Reads the message that this one replies to; resolves to undefined where the chat no longer has it, or the account
   * may not see it. Rejects with PortError. Absent where people can't reply, or where the inbox has every message that
   * they can reply to.
   */
  readReplied?(chatId: ChatId, messageId: MessageId): Promise<ReadMessage | undefined>;
  /**
   * Fetches the files that `message.attachments` names, keeps them below `directory`, and resolves to the place of
   * each of them and to words for it. A file that can't be had has words that say why. MUST keep nothing outside of
   * `directory`, links included, and nothing larger than `maxBytes`. It MAY be called again, also after a crash in
   * between, and MUST keep no file twice. Rejects with PortError where a repeat may help, and when `signal` aborts;
   * MUST end within minutes. Absent where messages bring no files.
   */
  fetchAttachments?(message: IncomingMessage, options: FetchOptions): Promise<readonly FetchedAttachment[]>;
  /**
   * Ends it: no call of the inlet begins after this. Resolves when every pending call has settled and the checkpoint
   * is stored.
   */
  stop(): Promise<void>;
}
