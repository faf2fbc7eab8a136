import { type ChatId, chatId, gatewayOf, isLocalChat, nativeId, roomOf, threadOf, type UserId, userId } from '../domain/chat/ids.ts';
import { InvalidValueError } from '../domain/shared/brand.ts';
import { normaliseUsername, usernameKey } from '../domain/whitelist/whitelist.ts';
import { TELEGRAM } from './platform.ts';
import { type Refusal, refuse } from './refusal.ts';

/** Telegram's user ids end below 2^40 (https://core.telegram.org/api/bots/ids). */
const LAST_TELEGRAM_USER = 2 ** 40 - 1;
/** For names of platforms that have colons in them, such as `@ann:example.org`. */
const IN_NAMES = '; a colon inside a name is written %3A, and a percent sign %25';
const PREFIX = /^[a-z][a-z0-9-]{0,31}:/;

/** The id with its gateway before it: bare ids of the configuration are Telegram's. */
const withGateway = (written: string): string => (PREFIX.test(written) ? written : `${TELEGRAM}:${written}`);

/** An id as the configuration writes it: Telegram's without the gateway's name. */
export const asWritten = (id: ChatId): string => (gatewayOf(id) === TELEGRAM ? nativeId(id) : id);

/** A group of a workspace. */
export const groupNamed = (raw: string | number): ChatId | Refusal => {
  const id = parsed(chatId, withGateway(String(raw).trim()));
  if (id === undefined || (gatewayOf(id) === TELEGRAM && !/^-?[1-9]\d{0,14}$/.test(nativeId(id))))
    return refuse('this is not a chat id', 'write the marked id of the group, such as "-1001234567890" or "telegram:-1001234567890"');
  const native = nativeId(id);
  if (isLocalChat(id)) return refuse('a local chat belongs to no workspace', 'remove it: only the operator writes there');
  if (threadOf(id) !== undefined)
    return refuse(
      'this is a topic, not a group',
      `write "${asWritten(roomOf(id))}": every topic of a group belongs to its workspace${gatewayOf(id) === TELEGRAM ? '' : IN_NAMES}`,
    );
  if (gatewayOf(id) === TELEGRAM && !native.startsWith('-'))
    return refuse(
      `${native} is not a group: the ids of groups are negative`,
      `write "-${native}" for a group, "-100${native}" for a supergroup; people belong in dm_whitelist`,
    );
  return id;
};

/** A person of the whitelist, by id. */
export const userNamed = (raw: string): UserId | Refusal => {
  const id = parsed(userId, withGateway(raw));
  const isTelegram = id !== undefined && gatewayOf(id) === TELEGRAM;
  if (id !== undefined && (!isTelegram || (/^[1-9]\d*$/.test(nativeId(id)) && Number(nativeId(id)) <= LAST_TELEGRAM_USER))) return id;
  if (PREFIX.test(raw) && !raw.startsWith(`${TELEGRAM}:`)) return refuse('this is not a user id', `write <gateway>:<name>${IN_NAMES}`);
  return refuse('this is not a Telegram user id', 'an id is a positive number; usernames belong in dm_whitelist.allowed_users');
};

/** A person of the whitelist, by username: the key of the whitelist, and the name without its gateway. */
export const usernameNamed = (raw: string): { readonly key: string; readonly username: string } | Refusal => {
  const [prefix] = PREFIX.exec(raw) ?? [''];
  const gateway = prefix === '' ? TELEGRAM : prefix.slice(0, -1);
  const username = normaliseUsername(raw.slice(prefix.length));
  if (gateway === TELEGRAM ? /^[a-z]\w{1,31}$/.test(username) : /^\S{1,128}$/.test(username))
    return { key: usernameKey(gateway, username), username };
  return refuse('this is not a Telegram username', 'people without one belong in dm_whitelist.allowed_user_ids, by number');
};

const parsed = <Id>(parse: (raw: string) => Id, raw: string): Id | undefined => {
  try {
    return parse(raw);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};
