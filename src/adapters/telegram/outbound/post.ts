import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { MessageButton } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { Clock, Notice } from '../../../ports/index.ts';
import { rpcErrorOf } from '../client/errors.ts';
import { bareChannelId, isChannelId, type NativeChat, telegramChatId, telegramMessageId } from '../client/ids.ts';
import type { Call } from '../client/link.ts';
import type { Peers } from '../client/peers.ts';
import type { TelegramSelf } from '../client/settings.ts';
import { replyIn } from '../client/threads.ts';
import type { AnswerFile } from '../format/answer.ts';
import type { FormattedText } from '../format/formatted-text.ts';
import { inlineButtons } from './buttons.ts';
import { type Edit, makeEdit } from './edits.ts';
import { findSent } from './find-sent.ts';
import type { SentMessages } from './sent-messages.ts';
import { uploadFile } from './upload.ts';

/** One message as Telegram takes it, by Telegram's numbers. */
export interface Post {
  readonly chat: NativeChat;
  readonly randomId: string;
  readonly content: FormattedText;
  readonly buttons?: readonly MessageButton[];
  readonly replyTo?: number;
  readonly file?: AnswerFile;
  /** Arrives without a sound. */
  readonly silent?: true;
  /** The message before it, where it goes on with what that one says. */
  readonly after?: number;
}

/** The single calls that sending is made of. They reject with Telegram's own errors. */
export interface Posting {
  /** Sends, or finds what the random id became before; undefined where that can't be found any more. */
  post(post: Post): Promise<number | undefined>;
  readonly edit: Edit;
  /**
   * The message that a send has become in that chat: the one that Telegram names, else one of ours that says just this.
   */
  arrived(send: Pick<Post, 'chat' | 'randomId' | 'content' | 'replyTo'>): Promise<number | undefined>;
}

/** How far back of the newest message a lost one is looked for that answers none. */
const LOOK_BACK = 200;
/** What the reader loses to it is less than the answer itself. */
const BAD_ENTITIES = /^(ENTITY_|ENTITIES_|ENTITY_MENTION|TEXT_URL_INVALID|URL_INVALID)/;
/** What is replied to is not there, or its topic takes no messages: the answer replies to nothing. */
const BAD_REPLY = /^(REPLY_(MESSAGE|TO)_.*|REPLY_MESSAGES_TOO_MUCH|MESSAGE_ID_INVALID|MSG_ID_INVALID|TOPIC_.*)$/;
const BAD_TOPIC = /^TOPIC_/;
/** The text says what to do without them. */
const BAD_BUTTONS = /^(BUTTON_|REPLY_MARKUP_)/;

/** Whether Telegram refuses a send because of its thread: what stands in no thread may be taken. */
export const isThreadRefused = (error: unknown): boolean => BAD_REPLY.test(rpcErrorOf(error) ?? '');

export const makePosting = ({
  call,
  peers,
  self,
  sent,
  topOf,
  onUpdates,
  clock,
  timeoutMs,
  notice,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly self: () => TelegramSelf | undefined;
  readonly sent: SentMessages;
  /** The highest number of a message that was seen where the room's messages are numbered. */
  readonly topOf: (room: number) => number;
  /** What a call has changed has its number in the stream of updates, too. */
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  readonly clock: Clock;
  /** The longest that anybody waits for an edit. */
  readonly timeoutMs: number;
  readonly notice: Notice;
}): Posting => {
  const requestOf = async ({ chat, randomId, content, buttons, replyTo, file, silent }: Post) => {
    const common = {
      peer: peers.inputPeer(chat.room),
      randomId: returnBigInt(randomId),
      message: content.text,
      entities: [...content.entities],
      ...present({ replyTo: replyIn(chat.thread, replyTo), silent, replyMarkup: inlineButtons(buttons) }),
    };
    return file
      ? new Api.messages.SendMedia({ ...common, media: await uploadFile(call, randomId, file) })
      : new Api.messages.SendMessage({ ...common, noWebpage: true });
  };

  /** Nothing was executed of what Telegram refuses: the same random id may try again in a form that pleases it. */
  const simpler = (post: Post, error: string): Post | undefined => {
    const { replyTo, ...rest } = post;
    if (BAD_BUTTONS.test(error) && post.buttons) {
      const { buttons: _, ...plain } = post;
      return plain;
    }
    if (BAD_ENTITIES.test(error) && post.content.entities.length > 0)
      return { ...post, content: { text: post.content.text, entities: [] } };
    // In a thread that takes no messages nothing gets better without the reply.
    const isThreads = post.chat.thread !== undefined && BAD_TOPIC.test(error);
    return BAD_REPLY.test(error) && replyTo !== undefined && !isThreads ? rest : undefined;
  };

  const found = async ({ chat, content, replyTo, after, randomId }: Post): Promise<number | undefined> => {
    const me = self();
    const { room } = chat;
    const from = replyTo ?? after ?? Math.max(0, topOf(room) - LOOK_BACK);
    const isTaken = (id: number): boolean => sent.isOurs(room, id);
    const id =
      me && (await findSent({ call, peers, self: me }, { chat, text: content.text, after: from, isTaken, ...present({ replyTo }) }));
    const facts = { chatId: nameOf(chat), randomId };
    if (id === undefined) notice('sent-before-unfound', facts);
    else notice('sent-before', { ...facts, messageId: telegramMessageId(id) });
    return id;
  };

  /** The answer to an earlier send of it was lost, and Telegram has told of it since. */
  const toldSince = ({ chat, randomId }: Post): number | undefined => {
    const id = sent.messageOf(randomId);
    if (id === undefined) return undefined;
    const facts = { chatId: nameOf(chat), messageId: telegramMessageId(id), randomId };
    notice('sent-before-confirmed', facts);
    sent.claim(chat.room, id);
    return id;
  };

  const post = async (wanted: Post): Promise<number | undefined> => {
    const told = toldSince(wanted);
    if (told !== undefined) return told;
    try {
      const result = await call(await requestOf(wanted));
      const id = sentId(result, wanted.randomId);
      if (id === undefined) return toldSince(wanted) ?? (await found(wanted));
      sent.claim(wanted.chat.room, id, wanted.randomId);
      onUpdates(inStreamOf(wanted.chat.room, result));
      return id;
    } catch (error) {
      const name = rpcErrorOf(error);
      if (name === 'RANDOM_ID_DUPLICATE') return toldSince(wanted) ?? found(wanted);
      const other = name === undefined ? undefined : simpler(wanted, name);
      if (!other) throw error;
      notice('sent-simpler', { chatId: nameOf(wanted.chat), reason: name });
      return post(other);
    }
  };

  const arrived: Posting['arrived'] = async ({ chat, randomId, content: { text }, replyTo }) => {
    const told = sent.messageOf(randomId);
    if (told !== undefined) return told;
    const me = self();
    const { room } = chat;
    const after = Math.max(0, topOf(room) - LOOK_BACK);
    const isTaken = (id: number): boolean => sent.isOurs(room, id);
    return me && findSent({ call, peers, self: me }, { chat, text, after, isTaken, ...present({ replyTo }) });
  };

  return {
    post,
    arrived,
    edit: makeEdit({ call, peers, onUpdates, clock, timeoutMs, notice }),
  };
};

const nameOf = ({ room, thread }: NativeChat) => telegramChatId(room, thread);

/** The short form does not say where the message is: that of a supergroup is numbered in the group's stream. */
const inStreamOf = (room: number, result: Api.TypeUpdates): Api.TypeUpdates => {
  if (!(result instanceof Api.UpdateShortSentMessage) || !isChannelId(room)) return result;
  const { id, pts, ptsCount, date } = result;
  const peerId = new Api.PeerChannel({ channelId: returnBigInt(bareChannelId(room)) });
  const message = new Api.MessageEmpty({ id, peerId });
  return new Api.UpdateShort({ update: new Api.UpdateNewChannelMessage({ message, pts, ptsCount }), date });
};

/** The number that Telegram gave the message. */
const sentId = (result: Api.TypeUpdates, randomId: string): number | undefined => {
  if (result instanceof Api.UpdateShortSentMessage) return result.id;
  if (!(result instanceof Api.Updates || result instanceof Api.UpdatesCombined)) return undefined;
  const naming = result.updates.find((update) => update instanceof Api.UpdateMessageID && String(update.randomId) === randomId);
  return naming instanceof Api.UpdateMessageID ? naming.id : undefined;
};
