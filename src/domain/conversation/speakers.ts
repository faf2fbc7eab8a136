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
/** Words that no name may bring in, either: `Kept itself`, `Message 3`, `A note from the system`. */
const RESERVED_WORDS = new Set(['kept', 'system', 'assistant', 'developer', 'overheard', 'message', 'note'].map(lookOf));
/** Scripts in everyday use (https://www.unicode.org/reports/tr31, table 5). */
const USUAL = [
  'Common',
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Thaana',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
].concat(
  ...[['Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Georgian']],
  ...[['Hangul', 'Ethiopic', 'Khmer', 'Hiragana', 'Katakana', 'Bopomofo', 'Han']],
);
/** Letters of other scripts, of phonetics, and in squares and circles: in names they are there to look like others. */
const RARE = new RegExp(
  String.raw`(?!${USUAL.map((script) => `\\p{Script=${script}}`).join('|')})\p{L}|[\u1d00-\u1dbf\ua720-\ua7ff\u{1f130}-\u{1f189}]`,
  'u',
);
/** Their letters look alike: a word has those of one of them. */
const LIKE_EACH_OTHER = [/\p{Script=Latin}/u, /\p{Script=Greek}/u, /\p{Script=Cyrillic}/u, /\p{Script=Armenian}/u];
const isDeceptive = (name: string): boolean =>
  RARE.test(name) || name.split(/[^\p{L}\p{M}]+/u).some((word) => LIKE_EACH_OTHER.filter((script) => script.test(word)).length > 1);
const MAX_NAME_LENGTH = 64;

/** What looks like a colon, for a class of a regular expression. */
export const COLONS = ':：﹕︓꞉ː∶׃˸︰܃։⁝⁚᛬፡';
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
    const isUnique = (bearers.get(look)?.size ?? 0) <= 1 && !isReservedName(plain) && !isDeceptive(plain);
    if (isUnique) return plain;
    const isPlain = username !== undefined && /^[A-Za-z0-9_]{1,64}$/.test(username);
    return `${plain} (${isPlain ? `@${username}` : `id ${id}`})`.trim();
  };
};

/** Whether nobody may bear that name who speaks beside people. */
export const isReservedName = (name: string): boolean =>
  RESERVED.has(lookOf(name)) || name.split(/[^\p{L}\p{N}\p{M}]+/u).some((word) => RESERVED_WORDS.has(lookOf(word)));
