import { Api } from 'telegram/tl/index.js';
import type { Chat } from '../../../domain/chat/chat.ts';
import { type ChatId, type MessageId, roomOf } from '../../../domain/chat/ids.ts';
import type { DeletedMessages, IncomingMessage } from '../../../domain/message/message.ts';
import type { RepliedMessage } from '../../../domain/message/replied.ts';
import { InvalidValueError } from '../../../domain/shared/brand.ts';
import { present } from '../../../domain/shared/present.ts';
import { markedChannelId, messageNumberOf, sharesNumbers, telegramChatId, telegramMessageId } from '../client/ids.ts';
import { type Chats, isChannel, markedId, peerName, plainNumber, type Users } from '../client/peer-ids.ts';
import { chainIn, topicIn } from '../client/threads.ts';
import { isEdit } from '../updates/updates.ts';
import { readAttachment } from './attachment.ts';
import type { Comments } from './channel-posts.ts';
import type { IncomingMedia } from './media.ts';
import { type Mentions, readMentions, type Self } from './mentions.ts';
import { fromMessage, fromShort, type RawMessage } from './raw-message.ts';
import { inLine, readable } from './readable.ts';
import { readSender } from './sender.ts';

/** What must be known to read an update. */
export interface InboundContext {
  readonly self: Self;
  /** `usersById` and `chatsById` of what came with the update, or more. */
  readonly users: Users;
  readonly chats: Chats;
  /** Whether that message was sent by us. Asked for replies in groups only; a rejection is passed on. */
  readonly isOurs: (chatId: ChatId, messageId: MessageId) => boolean | Promise<boolean>;
  /** Whether a reply is a comment on a channel's post. Asked for replies outside of topics; none is unless told. */
  readonly isComment?: Comments['isComment'] | undefined;
}

export type Inbound =
  | {
      readonly kind: 'message';
      readonly message: IncomingMessage;
      readonly edited: boolean;
      /**
       * False where only the sender's id is known: look the user up and read the update again before anything is
       * decided.
       */
      readonly senderKnown: boolean;
      /** The same for all messages that were sent as one album; each has one file, and one of them the text. */
      readonly albumId?: string;
      readonly media?: IncomingMedia;
    }
  | { readonly kind: 'ignored'; readonly reason: string };

const ignored = (reason: string): Inbound => ({ kind: 'ignored', reason });

/**
 * One update, as the core takes it. Updates that come in batches (`Updates`, `UpdatesCombined`, `UpdateShort`) are to
 * be unwrapped before.
 */
export const toIncoming = (update: Api.TypeUpdate | Api.TypeUpdates, context: InboundContext): Promise<Inbound> => {
  if (update instanceof Api.UpdateNewMessage || update instanceof Api.UpdateNewChannelMessage)
    return messageToIncoming(update.message, false, context);
  if (isEdit(update)) return messageToIncoming(update.message, true, context);
  if (update instanceof Api.UpdateShortMessage || update instanceof Api.UpdateShortChatMessage)
    return rawToIncoming(fromShort(update), false, context);
  return Promise.resolve(ignored(`${update.className} brings no message to answer`));
};

/** The messages that an update says were deleted, with their room where it is named; undefined for other updates. */
export const deletedBy = (update: Api.TypeUpdate | Api.TypeUpdates): (DeletedMessages & { readonly room?: ChatId }) | undefined => {
  if (update instanceof Api.UpdateDeleteMessages) return { chat: sharesNumbers, messageIds: numbersIn(update.messages) };
  if (!(update instanceof Api.UpdateDeleteChannelMessages)) return undefined;
  const room = telegramChatId(markedChannelId(plainNumber(update.channelId)));
  return { room, chat: (chatId) => roomOf(chatId) === room, messageIds: numbersIn(update.messages) };
};

const numbersIn = (ids: readonly number[]): MessageId[] => ids.flatMap((id) => (id > 0 ? [telegramMessageId(id)] : []));

/** A message that came without an update: from a difference, or from a chat's history. */
export const messageToIncoming = (message: Api.TypeMessage, edited: boolean, context: InboundContext): Promise<Inbound> => {
  if (message instanceof Api.Message) return rawToIncoming(fromMessage(message), edited, context);
  const what = message instanceof Api.MessageService ? `a service message (${message.action.className})` : 'an empty message';
  return Promise.resolve(ignored(what));
};

const rawToIncoming = async (raw: RawMessage, edited: boolean, context: InboundContext): Promise<Inbound> => {
  try {
    return await read(raw, edited, context);
  } catch (error) {
    // Ids that no message can have. Nothing else is wrong with a message that the client could read.
    if (error instanceof InvalidValueError) return ignored(`not well-formed: ${error.message}`);
    throw error;
  }
};

const read = async (raw: RawMessage, edited: boolean, context: InboundContext): Promise<Inbound> => {
  const author = readSender(raw, context);
  if (author.kind === 'nobody') return ignored(author.reason);
  const thread = await threadOf(raw, context);
  const chat = chatOf(raw, thread?.top, context);
  const mentions = readMentions(raw.text, raw.entities, context.self);
  const { words, media } = readAttachment(raw.media);
  const replyTo = repliedMessage(raw);
  const own = author.sender.kind === 'self';
  const addressedTo = own ? undefined : chat.kind === 'direct' ? 'us' : await addressee(raw, chat.id, replyTo, mentions, thread, context);
  const message: IncomingMessage = {
    chat,
    messageId: telegramMessageId(raw.id),
    sender: author.sender,
    text: readable([...contextLines(raw, context), words, mentions.text].filter(Boolean).join('\n')),
    sentAt: raw.date * 1000,
    ...present({ replyTo, replied: repliedOf(raw, context), editedAt: raw.editedAt, touchedAt: raw.touchedAt }),
    ...(addressedTo ? { addressedTo } : {}),
    ...(edited ? { edited } : {}),
    ...(raw.forward ? { forwarded: true } : {}),
  };
  return {
    kind: 'message',
    message,
    edited,
    senderKnown: author.known,
    ...present({ albumId: raw.albumId }),
    ...(media ? { media } : {}),
  };
};

/** A thread that a message stands in: a topic, or the comments on a channel's post. */
interface Thread {
  /** The message that it starts with. */
  readonly top: number;
  readonly isComments: boolean;
}

/** A chain of replies is a thread only where it starts with a channel's post. */
const threadOf = async ({ id, peer, replyTo }: RawMessage, { isComment, chats }: InboundContext): Promise<Thread | undefined> => {
  const topic = topicIn(replyTo);
  if (topic !== undefined) return { top: topic, isComments: false };
  const top = peer instanceof Api.PeerChannel ? chainIn(replyTo) : undefined;
  if (top === undefined || !isComment) return undefined;
  const to = replyTo instanceof Api.MessageReplyHeader ? replyTo.replyToMsgId : undefined;
  return (await isComment({ room: markedId(peer), id, to, top }, chats)) ? { top, isComments: true } : undefined;
};

/** Where it was said, as people see it. */
const chatOf = ({ peer }: RawMessage, thread: number | undefined, { users, chats }: InboundContext): Chat => {
  const marked = markedId(peer);
  const id = telegramChatId(marked, thread);
  if (peer instanceof Api.PeerUser) return { id, kind: 'direct' };
  const chat = chats.get(marked);
  const title = inLine(peerName(peer, users, chats) ?? '');
  return { id, kind: isChannel(chat) && chat.broadcast ? 'channel' : 'group', ...(title ? { title } : {}) };
};

/** Rule 5: a mention of us or a reply to us counts before a mention of, or a reply to, anybody else. */
const addressee = async (
  raw: RawMessage,
  chat: ChatId,
  replyTo: MessageId | undefined,
  mentions: Mentions,
  thread: Thread | undefined,
  { isOurs }: InboundContext,
): Promise<IncomingMessage['addressedTo']> => {
  if (mentions.ofUs || raw.mentioned) return 'us';
  if (replyTo !== undefined && (await isOurs(chat, replyTo))) return 'us';
  // A post is nobody's message: what is said below it is said to all who read it.
  if (replyTo !== undefined && !(thread?.isComments && messageNumberOf(replyTo) === thread.top)) return 'other';
  return mentions.ofOthers ? 'other' : undefined;
};

/**
 * The message of this chat that is replied to. In a forum every message is a reply to the one that began its topic:
 * that is none.
 */
const repliedMessage = ({ replyTo, peer }: RawMessage): MessageId | undefined => {
  if (!(replyTo instanceof Api.MessageReplyHeader) || !replyTo.replyToMsgId || replyTo.replyToScheduled) return undefined;
  if (replyTo.replyToPeerId && markedId(replyTo.replyToPeerId) !== markedId(peer)) return undefined;
  const { forumTopic, replyToMsgId, replyToTopId } = replyTo;
  const isTopic = forumTopic && (!replyToTopId || replyToTopId === replyToMsgId);
  return isTopic ? undefined : telegramMessageId(replyToMsgId);
};

/**
 * What the message itself tells of the one that it replies to: the words that a person has picked out of it, and of a
 * message of another chat all that there is.
 */
const repliedOf = ({ replyTo, peer }: RawMessage, { users, chats }: InboundContext): RepliedMessage | undefined => {
  if (!(replyTo instanceof Api.MessageReplyHeader)) return undefined;
  const { replyToPeerId, replyFrom, replyMedia, quoteText } = replyTo;
  const quote = quoteText ? readable(quoteText) : undefined;
  const isElsewhere = replyToPeerId ? markedId(replyToPeerId) !== markedId(peer) : Boolean(replyFrom);
  if (!isElsewhere) return quote === undefined ? undefined : { quote };
  const name = replyFrom && authorName(replyFrom, users, chats);
  const { words } = readAttachment(replyMedia ?? undefined);
  return present({ from: name ? inLine(name) : undefined, text: words || undefined, quote });
};

const authorName = (header: Api.TypeMessageFwdHeader, users: InboundContext['users'], chats: InboundContext['chats']): string | undefined =>
  (header.fromId && peerName(header.fromId, users, chats)) || header.fromName || header.postAuthor || undefined;

/** Where a forwarded text is from. A forwarded command is not a command. */
const contextLines = ({ forward }: RawMessage, { users, chats }: InboundContext): string[] => {
  if (!forward) return [];
  const name = authorName(forward, users, chats);
  return [name ? `Forwarded from ${inLine(name)}:` : 'Forwarded:'];
};
