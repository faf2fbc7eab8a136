import {
  type ChatId,
  chatIdOf,
  gatewayOf,
  type MessageId,
  messageIdOf,
  nativeId,
  threadOf,
  type UserId,
  userIdOf,
} from '../../../domain/chat/ids.ts';
import { InvalidValueError } from '../../../domain/shared/brand.ts';

// The only place where Telegram's numbers become ids of Kept's, and back. It loads no client library.

/** The name of the gateway: the first part of all its ids. */
export const TELEGRAM = 'telegram';

/** Supergroups and channels are marked with `-100` in front of their id (https://core.telegram.org/api/bots/ids). */
const CHANNEL_BASE = -1_000_000_000_000;

export const markedChannelId = (channelId: number): number => CHANNEL_BASE - channelId;
/** Whether a marked id is that of a supergroup or channel. */
export const isChannelId = (marked: number): boolean => marked < CHANNEL_BASE;
export const bareChannelId = (marked: number): number => CHANNEL_BASE - marked;

/** A chat as Telegram's calls name it. */
export interface NativeChat {
  /** The marked id: a person's is positive, a group's negative, a supergroup's `-100…`. */
  readonly room: number;
  /** The message that a thread begins with: its number is that of the topic, or of the post that is commented on. */
  readonly thread?: number;
}

const whole = (number: number, least: number, what: string): number => {
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new InvalidValueError(`${what} must be a whole number from ${least}, not ${number}`);
};

/** Throws `InvalidValueError` where Telegram numbers no chat and no thread so. */
export const telegramChatId = (marked: number, thread?: number): ChatId => {
  const room = whole(marked, Number.MIN_SAFE_INTEGER, 'a chat id');
  if (room === 0) throw new InvalidValueError('a chat id must not be 0');
  return chatIdOf(TELEGRAM, room, thread === undefined ? undefined : whole(thread, 1, 'a thread number'));
};
export const telegramMessageId = (number: number): MessageId => messageIdOf(TELEGRAM, whole(number, 1, 'a message number'));
export const telegramUserId = (number: number): UserId => userIdOf(TELEGRAM, whole(number, 1, 'a user id'));

/** A number as every output spells it: two spellings of one chat would be two chats. */
const numberOf = (written: string, id: ChatId | MessageId | UserId): number => {
  const number = /^-?[1-9]\d*$/.test(written) ? Number(written) : Number.NaN;
  if (gatewayOf(id) === TELEGRAM && Number.isSafeInteger(number)) return number;
  throw new InvalidValueError(`${id} is no id of Telegram's`);
};
const numberIn = (id: ChatId | MessageId | UserId): number => numberOf(nativeId(id), id);

/** Each of these throws `InvalidValueError` for an id of another gateway. */
export const nativeChat = (id: ChatId): NativeChat => {
  const room = numberIn(id);
  const thread = threadOf(id);
  return thread === undefined ? { room } : { room, thread: whole(numberOf(thread, id), 1, 'a thread number') };
};
/** The marked id of a chat's room. */
export const markedIdOf = (id: ChatId): number => numberIn(id);
export const messageNumberOf = (id: MessageId): number => numberIn(id);
export const userNumberOf = (id: UserId): number => numberIn(id);

const isOneOf = (id: ChatId, matches: (marked: number) => boolean): boolean => gatewayOf(id) === TELEGRAM && matches(numberIn(id));

/** Whether that chat may go on under another id one day: a basic group may become a supergroup. */
export const canMove = (id: ChatId): boolean => isOneOf(id, (marked) => marked < 0 && !isChannelId(marked));

/**
 * Whether that is one of the chats that number their messages together: an account's direct chats and basic groups
 * (https://core.telegram.org/constructor/updateDeleteMessages). Each supergroup numbers its own.
 */
export const sharesNumbers = (id: ChatId): boolean => isOneOf(id, (marked) => !isChannelId(marked));
