import { type Brand, describe, InvalidValueError } from '../shared/brand.ts';

/**
 * A chat: `<gateway>:<room>`, or `<gateway>:<room>:<thread>` for a thread (forum topic, comment thread), which is a
 * chat of its own. `telegram:-1001234567890`, `telegram:-1001234567890:500`, `local:1`.
 */
export type ChatId = Brand<string, 'ChatId'>;
/** A message, unique within its chat: `<gateway>:<message>`. Says nothing of the order of messages. */
export type MessageId = Brand<string, 'MessageId'>;
/** A person or bot: `<gateway>:<user>`. */
export type UserId = Brand<string, 'UserId'>;

export type AnyId = ChatId | MessageId | UserId;

const GATEWAY = /^[a-z][a-z0-9-]{0,31}$/;
/** The platform's own name, with blanks, control characters, `:` and `%` escaped as `idPart` does it. */
const PART = /^[^\s:\p{Cc}\p{Cs}]{1,128}$/u;

/** Each thing has one spelling: an escape that `idPart` would not write is refused. */
const isPart = (part: string): boolean => {
  if (!PART.test(part)) return false;
  if (!part.includes('%')) return true;
  try {
    return idPart(decodeURIComponent(part)) === part;
  } catch {
    return false;
  }
};

const parsed = (raw: string, what: string, mostParts: number): string => {
  const [gateway = '', ...parts] = raw.split(':');
  if (!GATEWAY.test(gateway) || parts.length < 1 || parts.length > mostParts || !parts.every(isPart))
    throw new InvalidValueError(
      `${what} must be <gateway>:<id>${mostParts > 1 ? ' or <gateway>:<id>:<thread>' : ''}, not ${describe(raw)}`,
    );
  return raw;
};

/** Each throws `InvalidValueError` where the text has another form. */
export const chatId = (raw: string): ChatId => parsed(raw, 'a chat id', 2) as ChatId;
export const messageId = (raw: string): MessageId => parsed(raw, 'a message id', 1) as MessageId;
export const userId = (raw: string): UserId => parsed(raw, 'a user id', 1) as UserId;

/** What a platform calls something. 64-bit numbers MUST come as text or `bigint`. */
export type NativeId = string | number | bigint;

/** A platform's own name for something, as a part of an id. `nativeId` gives it back. */
const idPart = (native: NativeId): string => String(native).replace(/[\s:%\p{Cc}]/gu, encodeURIComponent);

/** A colon in the name of a gateway would make a room of the rest of that name. */
const written = (gateway: string, ...names: readonly NativeId[]): string => [gateway.replaceAll(':', ' '), ...names.map(idPart)].join(':');

export const chatIdOf = (gateway: string, room: NativeId, thread?: NativeId): ChatId =>
  chatId(thread === undefined ? written(gateway, room) : written(gateway, room, thread));
export const messageIdOf = (gateway: string, message: NativeId): MessageId => messageId(written(gateway, message));
export const userIdOf = (gateway: string, user: NativeId): UserId => userId(written(gateway, user));

/** The name of the gateway that an id belongs to (`ChatGateway.name`). */
export const gatewayOf = (id: AnyId): string => id.slice(0, id.indexOf(':'));

/** What the platform itself calls it: a message's or person's id, or that of a chat's room. */
export const nativeId = (id: AnyId): string => decodeURIComponent(id.split(':')[1] ?? '');

/** The platform's name for the thread; undefined for a room. */
export const threadOf = (id: ChatId): string | undefined => {
  const thread = id.split(':')[2];
  return thread === undefined ? undefined : decodeURIComponent(thread);
};

/** The chat without its thread: access, workspace, rates and pins go by it. */
export const roomOf = (id: ChatId): ChatId => id.split(':', 2).join(':') as ChatId;

/** The gateway of the chats at this machine: terminal, web page, HTTP API. */
export const LOCAL = 'local';
export const isLocalChat = (id: ChatId): boolean => id.startsWith(`${LOCAL}:`);

/** The person at this machine: the sender of every message in a local chat. */
export const OPERATOR_ID = userId('local:operator');
/** The agent itself, as the sender of the self-ping. */
export const AGENT_ID = userId('local:agent');
/** Where the agent talks to itself: never listed, never shown. */
export const SELF_PING_CHAT = chatId('local:self-ping');

const LOCAL_CHATS = 1_000_000_000;

/** A local chat as people write it: `local:<n>`, with n from 1 to 999,999,999, or that number alone. */
export const localChatId = (raw: number | string): ChatId => {
  const written = String(raw)
    .trim()
    .replace(/^local:/, '');
  const number = /^\d{1,9}$/.test(written) ? Number(written) : 0;
  if (number >= 1 && number < LOCAL_CHATS) return chatIdOf(LOCAL, number);
  throw new InvalidValueError(
    `${describe(raw)} is not a local chat: a chat id must be local:<n> here, with n from 1 to ${LOCAL_CHATS - 1}; the number alone will do`,
  );
};

/** Any chat, as people name it: by its id as every output has it; a bare number means a local chat. */
export const namedChat = (raw: string): ChatId => {
  const written = raw.trim();
  if (/^(local:\d+|\d{1,9})$/.test(written)) return localChatId(written);
  if (/^\d+$/.test(written))
    throw new InvalidValueError(
      `${describe(raw)} is not a local chat: a bare number means one, from 1 to ${LOCAL_CHATS - 1}. For Telegram, write telegram:<id>`,
    );
  try {
    return chatId(written);
  } catch {
    throw new InvalidValueError(
      `a chat id must be local:<n> or telegram:<id> (groups are negative, topics telegram:<id>:<topic>), not ${describe(raw)}${
        /^-\d+$/.test(written) ? `: write telegram:${written}` : ''
      }`,
    );
  }
};

/** A message of that chat, as people name it: by its id, or by the platform's own number, `#` before it or not. */
export const namedMessage = (raw: string, chat: ChatId): MessageId => {
  const written = raw.trim().replace(/^#/, '');
  const named = written.includes(':') ? messageId(written) : messageIdOf(gatewayOf(chat), written);
  if (gatewayOf(named) !== gatewayOf(chat))
    throw new InvalidValueError(`${named} is not a message of ${chat}: name the chat that it stands in`);
  if (isLocalChat(chat) && !/^[1-9]\d{0,15}$/.test(nativeId(named)))
    throw new InvalidValueError(`a message number must be a whole number from 1 on, not ${describe(raw)}`);
  return named;
};

/** The chat that the terminal and the page open when none is named. */
export const DEFAULT_LOCAL_CHAT = localChatId(1);
