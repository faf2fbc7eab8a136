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

/** Local chat number `n` (1 to 999,999,999), as a chat id. A full local id is taken as it is. */
export const localChatId = (raw: number | string): ChatId => {
  const value = chatId(raw);
  if (isLocalChat(value) && value !== SELF_PING_CHAT) return value;
  if (value >= 1 && value < LOCAL_CHATS) return chatId(LOCAL_BASE + value);
  throw new InvalidValueError(`${value} is not a local chat: use 1 to ${LOCAL_CHATS - 1}, or the chatId that was returned`);
};
/**
 * Any chat, as people name it: a local one by its short number, every other by its id. Where that is short as well, as a person's may be,
 * `telegram:` stands before it.
 */
export const namedChat = (raw: string): ChatId => {
  const id = chatId(raw.replace(/^telegram:/, ''));
  return raw.startsWith('telegram:') || id < 0 || id >= LOCAL_CHATS ? id : localChatId(id);
};
export const isLocalChat = (id: ChatId): boolean => id > LOCAL_BASE && id <= LOCAL_BASE + LOCAL_CHATS;

/** The chat that the terminal and the page open when none is named. */
export const DEFAULT_LOCAL_CHAT = localChatId(1);
