import type { UserId } from '../message/ids.ts';
import type { Sender } from '../message/message.ts';
import { beginningOf } from '../shared/beginning.ts';
import { lookOf, withoutUnseen } from '../shared/look-alike.ts';

/** Who speaks in a conversation beside people: nobody else may pass for one of these by name. */
const RESERVED = new Set(
  [
    '',
    'Kept',
    'assistant',
    'agent',
    'AI',
    'bot',
    'model',
    'system',
    'developer',
    'tool',
    'function',
    'user',
    'human',
    'you',
    'note',
    'overheard',
  ].map(lookOf),
);
const MAX_NAME_LENGTH = 64;

/** What looks like a colon, for a class of a regular expression. */
export const COLONS = ':：﹕︓꞉ː∶׃';
/** What our own marks are made of: line ends, colons, brackets of every kind, quotes, `@` and `#`. */
const SIGNS = new RegExp(String.raw`[\p{Cc}\p{Zl}\p{Zp}\p{Ps}\p{Pe}\s;；${COLONS}<>＜＞«»"“”'\x60@＠#＃|*_~\\/]+`, 'gu');

/** A name as one line that can't hold what our own marks are made of. */
export const plainName = (name: string): string => beginningOf(withoutUnseen(name).replace(SIGNS, ' ').trim(), MAX_NAME_LENGTH).trim();

/** What a person is called before anything else is known of who speaks. */
export const nameOf = ({ id, username, displayName }: Sender): string =>
  plainName(displayName ?? '') || plainName(username ?? '') || String(id);

type Person = Pick<Sender, 'id' | 'username'> & { readonly name: string };

/**
 * A name for each of these that no other person of the conversation has, nor one that looks like it: with the username
 * or the id behind it where two look alike, or where it looks like the name of somebody who is no person. Names
 * themselves can't hold the brackets.
 */
export const makeUniqueNames = (people: readonly Person[]): ((person: Person) => string) => {
  const bearers = new Map<string, Set<UserId>>();
  for (const { id, name } of people) {
    const look = lookOf(plainName(name));
    bearers.set(look, (bearers.get(look) ?? new Set()).add(id));
  }
  return ({ id, username, name }) => {
    const plain = plainName(name);
    const look = lookOf(plain);
    const isUnique = (bearers.get(look)?.size ?? 0) <= 1 && !RESERVED.has(look);
    if (isUnique) return plain;
    const isPlain = username !== undefined && /^[A-Za-z0-9_]{1,64}$/.test(username);
    return `${plain} (${isPlain ? `@${username}` : `id ${id}`})`.trim();
  };
};

/** Whether nobody may bear that name who speaks beside people. */
export const isReservedName = (name: string): boolean => RESERVED.has(lookOf(name));
