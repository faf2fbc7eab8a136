import type { Chat } from '../chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../chat/ids.ts';
import type { Attachment, FetchedAttachment } from './attachment.ts';
import type { RepliedMessage } from './replied.ts';

export interface Sender {
  readonly id: UserId;
  /** Without `@`, as the person writes it. */
  readonly username?: string;
  readonly displayName?: string;
  /**
   * `anonymous`: who it is can't be known, as of an admin who hides, or of whoever writes in a channel's name; the id
   * says no more. `service`: the platform itself, with login codes and notices.
   */
  readonly kind: 'person' | 'bot' | 'self' | 'operator' | 'anonymous' | 'service';
}

/** One of the messages that came together as one. */
export interface MessagePart {
  readonly messageId: MessageId;
  readonly text: string;
}

/** Messages that are gone from their chat. */
export interface DeletedMessages {
  /** The chat that they are gone from; where the platform does not say, whether they may be of a given one. */
  readonly chat: ChatId | ((chatId: ChatId) => boolean);
  readonly messageIds: readonly MessageId[];
}

/** When somebody last said it so, in ms since 1970. */
export const saidAt = ({ sentAt, editedAt }: Pick<IncomingMessage, 'sentAt' | 'editedAt'>): number => Math.max(sentAt, editedAt ?? 0);

/** The text of what came together, in order. */
export const textOfParts = (parts: readonly Pick<MessagePart, 'text'>[]): string =>
  parts
    .map(({ text }) => text)
    .filter(Boolean)
    .join('\n');

/** A message as it enters the core: our own mention is stripped from the text, by the gateway that received it. */
export interface IncomingMessage {
  readonly chat: Chat;
  readonly messageId: MessageId;
  readonly sender: Sender;
  readonly text: string;
  /** Present where it came as several messages; `messageId` is the first one's, `text` all they say. */
  readonly parts?: readonly MessagePart[];
  /** Files that it brings and that are still to be fetched; `text` does not say yet what became of them. */
  readonly attachments?: readonly Attachment[];
  /** What became of the files that it brought; `text` says it, too. A gateway never brings these. */
  readonly files?: readonly FetchedAttachment[];
  /** When it was sent, in ms since 1970. */
  readonly sentAt: number;
  readonly replyTo?: MessageId;
  /**
   * What it brings itself of the message that it replies to: the part that is meant, or all there is of one of another
   * chat.
   */
  readonly replied?: RepliedMessage;
  /** Whom it speaks to; absent means nobody in particular. */
  readonly addressedTo?: 'us' | 'other';
  /**
   * When its text was last changed, in ms since 1970, where the gateway knows; absent where it never was.
   */
  readonly editedAt?: number;
  /**
   * When anything of it was last changed, as its gateway says: its text, or what says nothing, as reactions to it. It
   * is not stored.
   */
  readonly touchedAt?: number;
  /**
   * It was sent before, perhaps with another text. `remains`: of messages sent together whose first one is gone, so
   * that it may have been received by a number that can't be known any more.
   */
  readonly edited?: true | 'remains';
  /** Somebody else wrote it: the sender only passes it on. */
  readonly forwarded?: true;
}

/** The longest text that a message may bring in, in UTF-16 units; gateways refuse more with a clear error. */
export const MAX_MESSAGE_LENGTH = 100_000;

/** Whether deleted messages may be of that chat. */
export const mayBeIn = ({ chat }: Pick<DeletedMessages, 'chat'>, chatId: ChatId): boolean =>
  typeof chat === 'function' ? chat(chatId) : chat === chatId;
