import { type Brand, InvalidValueError, wholeNumber } from '../shared/brand.ts';

/** A chat's *marked* id: users positive, groups negative, supergroups `-100…`, local chats above every Telegram user. */
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
export const messageId = (raw: number | string): MessageId => wholeNumber(raw, 'a message id', 1) as MessageId;
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

/** Local chat number `n` (1 to 999,999,999), as a chat id; `local:` may stand before it. A full local id is taken as it is. */
export const localChatId = (raw: number | string): ChatId => {
  const value = chatId(typeof raw === 'string' ? raw.replace(/^local:/, '') : raw);
  if (isLocalChat(value) && value !== SELF_PING_CHAT) return value;
  if (value >= 1 && value < LOCAL_CHATS) return chatId(LOCAL_BASE + value);
  throw new InvalidValueError(`${value} is not a local chat: use 1 to ${LOCAL_CHATS - 1}, or the chatId that was returned`);
};
/** People number local chats 1, 2, 3, while nearly all ids of Telegram have six digits and more. */
const SHORT_NUMBERS = 100_000;

/**
 * Any chat, as people name it: exactly by `local:<n>` or `telegram:<id>`; a bare number is a local chat's up to five digits, else an id, as logs
 * and listings print it.
 */
export const namedChat = (raw: string): ChatId => {
  if (raw.startsWith('local:')) return localChatId(raw);
  const id = chatId(raw.replace(/^telegram:/, ''));
  return raw.startsWith('telegram:') || id < 0 || id >= SHORT_NUMBERS ? id : localChatId(id);
};

/** What `namedChat` takes for this chat and no other. */
export const chatName = (id: ChatId): string => (isLocalChat(id) ? `local:${id - LOCAL_BASE}` : `telegram:${id}`);
export const isLocalChat = (id: ChatId): boolean => id > LOCAL_BASE && id <= LOCAL_BASE + LOCAL_CHATS;

/** The chat that the terminal and the page open when none is named. */
export const DEFAULT_LOCAL_CHAT = localChatId(1);
