import { type Brand, describe, InvalidValueError, wholeNumber } from '../shared/brand.ts';

/**
 * A chat's *marked* id: users positive, groups negative, supergroups `-100…`, local chats above every Telegram user.
 */
export type ChatId = Brand<number, 'ChatId'>;
/** A message's number within its chat, from 1. */
export type MessageId = Brand<number, 'MessageId'>;
/** A person's or bot's id, from 1. */
export type UserId = Brand<number, 'UserId'>;

export const chatId = (raw: number | string): ChatId => {
  const value = wholeNumber(raw, 'a chat id', Number.MIN_SAFE_INTEGER);
  if (value === 0) throw new InvalidValueError('a chat id must not be 0');
  return value as ChatId;
};
export const messageId = (raw: number | string): MessageId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, 'a message number', 1) as MessageId;
export const userId = (raw: number | string): UserId => wholeNumber(raw, 'a user id', 1) as UserId;

/**
 * Local chats (terminal, web page, HTTP API) number from here. Telegram's user ids end at 2^40 - 1
 * (https://core.telegram.org/api/bots/ids), so neither side can ever stand for the other.
 */
const LOCAL_BASE = 2_000_000_000_000;
const LOCAL_CHATS = 1_000_000_000;

/** The person at this machine: the sender of every message in a local chat. */
export const OPERATOR_ID = userId(LOCAL_BASE);
/** The agent itself, as the sender of the self-ping. */
export const AGENT_ID = userId(LOCAL_BASE + LOCAL_CHATS);
/** Where the agent talks to itself: never listed, never shown. */
export const SELF_PING_CHAT = chatId(LOCAL_BASE + LOCAL_CHATS);

/**
 * A local chat as people write it: `local:<n>`, with n from 1 to 999,999,999, or that number alone; a full id is taken
 * as it is.
 */
export const localChatId = (raw: number | string): ChatId => {
  const value = numberOf(typeof raw === 'string' ? raw.trim().replace(/^local:/, '') : raw);
  if (value !== undefined && isLocalChat(value as ChatId) && value !== SELF_PING_CHAT) return chatId(value);
  if (value !== undefined && value >= 1 && value < LOCAL_CHATS) return chatId(LOCAL_BASE + value);
  throw new InvalidValueError(
    `${describe(raw)} is not a local chat: a chat id must be local:<n> here, with n from 1 to ${LOCAL_CHATS - 1}; the number alone will do`,
  );
};
/** People number local chats 1, 2, 3, while nearly all ids of Telegram have six digits and more. */
const SHORT_NUMBERS = 100_000;

/**
 * Any chat, as people name it: exactly by `local:<n>` or `telegram:<id>`; a bare number is a local chat's up to five
 * digits, else an id, as earlier versions printed it.
 */
export const namedChat = (raw: string): ChatId => {
  const written = raw.trim();
  if (written.startsWith('local:')) return localChatId(written);
  const isTelegrams = written.startsWith('telegram:');
  const id = numberOf(written.replace(/^telegram:/, ''));
  if (id === undefined || id === 0 || (isTelegrams && id >= LOCAL_BASE))
    throw new InvalidValueError(`a chat id must be local:<n> or telegram:<id> (groups are negative), not ${describe(raw)}`);
  return isTelegrams || id < 0 || id >= SHORT_NUMBERS ? chatId(id) : localChatId(id);
};

const numberOf = (raw: number | string): number | undefined => {
  const value = typeof raw === 'string' && /^-?\d{1,16}$/.test(raw.trim()) ? Number(raw) : raw;
  return Number.isSafeInteger(value) ? Number(value) : undefined;
};

/** A chat as every output names it, and what `namedChat` takes for it: `local:1`, `telegram:-1001234567890`. */
export const chatName = (id: ChatId): string => (isLocalChat(id) ? `local:${id - LOCAL_BASE}` : `telegram:${id}`);
export const isLocalChat = (id: ChatId): boolean => id > LOCAL_BASE && id <= LOCAL_BASE + LOCAL_CHATS;

/**
 * Whether that is one of the chats that number their messages together: of a Telegram account its direct chats and
 * basic groups (https://core.telegram.org/constructor/updateDeleteMessages). Supergroups and local chats have numbers
 * of their own.
 */
export const sharesNumbers = (id: ChatId): boolean => id < LOCAL_BASE && id > -1_000_000_000_000;

/** The chat that the terminal and the page open when none is named. */
export const DEFAULT_LOCAL_CHAT = localChatId(1);
