import { toPlainText } from 'telegram/richMessage.js';
import { Api } from 'telegram/tl/index.js';
import { findMentions } from './mentions.ts';

/** What every form in which Telegram sends a message has in common. */
export interface RawMessage {
  readonly id: number;
  readonly peer: Api.TypePeer;
  /** Absent in direct messages, and where the sender does not show. */
  readonly from?: Api.TypePeer | undefined;
  /** Sent by us, from here or from another device. */
  readonly out: boolean;
  /** Telegram's own word that we are named, or that one of our messages is replied to. */
  readonly mentioned: boolean;
  /** In a channel. */
  readonly post: boolean;
  /** In seconds since 1970. */
  readonly date: number;
  /** When its text was last changed, in ms since 1970. */
  readonly editedAt?: number | undefined;
  /** When anything of it was last changed, be it by a reaction to it, in ms since 1970. */
  readonly touchedAt?: number | undefined;
  readonly text: string;
  readonly entities: readonly Api.TypeMessageEntity[];
  readonly replyTo?: Api.TypeMessageReplyHeader | undefined;
  readonly forward?: Api.TypeMessageFwdHeader | undefined;
  readonly media?: Api.TypeMessageMedia | undefined;
  readonly albumId?: string | undefined;
}

/** The short forms leave out what the client knows without being told. */
export const fromShort = (short: Api.UpdateShortMessage | Api.UpdateShortChatMessage): RawMessage => {
  const isDirect = short instanceof Api.UpdateShortMessage;
  return {
    id: short.id,
    peer: isDirect ? new Api.PeerUser({ userId: short.userId }) : new Api.PeerChat({ chatId: short.chatId }),
    from: isDirect ? undefined : new Api.PeerUser({ userId: short.fromId }),
    out: Boolean(short.out),
    mentioned: Boolean(short.mentioned),
    post: false,
    date: short.date,
    text: short.message,
    entities: short.entities ?? [],
    replyTo: short.replyTo,
    forward: short.fwdFrom,
  };
};

export const fromMessage = (message: Api.Message): RawMessage => {
  // A message written in blocks has no plain text of its own.
  const text = message.message || (message.richMessage ? toPlainText(message.richMessage) : '');
  return {
    id: message.id,
    peer: message.peerId,
    from: message.fromId ?? undefined,
    out: Boolean(message.out),
    mentioned: Boolean(message.mentioned),
    post: Boolean(message.post),
    date: message.date,
    editedAt: message.editDate && !message.editHide ? message.editDate * 1000 : undefined,
    touchedAt: message.editDate ? message.editDate * 1000 : undefined,
    text,
    entities: message.message ? (message.entities ?? []) : findMentions(text),
    replyTo: message.replyTo ?? undefined,
    forward: message.fwdFrom ?? undefined,
    media: message.media ?? undefined,
    albumId: message.groupedId?.toString(),
  };
};
