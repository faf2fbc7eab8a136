import type { UserId } from '../chat/ids.ts';
import { MARKS, plainId } from '../chat/plain-id.ts';
import type { Sender } from '../message/message.ts';
import { beginningOf } from '../shared/excerpt.ts';
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
const MAX_NAME_LENGTH = 64;

/** A name as one line that can't hold what our own marks are made of. */
export const plainName = (name: string): string => beginningOf(withoutUnseen(name).replace(MARKS, ' ').trim(), MAX_NAME_LENGTH).trim();

/** What a person is called before anything else is known of who speaks. */
export const nameOf = ({ id, username, displayName }: Sender): string =>
  plainName(displayName ?? '') || plainName(username ?? '') || plainId(id);

type Person = Pick<Sender, 'id' | 'username'> & { readonly name: string };

/**
 * A name for each of these people that no other one of them has: with the username behind it, or the id. Names
 * themselves can't hold the brackets. People are given in the order in which they first spoke: whoever speaks later
 * changes no earlier name, also with a username that was another's before.
 */
export const makeUniqueNames = (people: readonly Person[]): ((person: Person) => string) => {
  const bearers = new Map<string, UserId>();
  for (const person of people) if (!bearers.has(withUsername(person))) bearers.set(withUsername(person), person.id);
  return (person) => (bearers.get(withUsername(person)) === person.id ? withUsername(person) : withId(person));
};

/** A name for somebody of whom no more than that is known: it is nobody else's, either. */
export const nameWithoutId = (name: string): string => `${plainName(name)} (id not known)`.trim();

const withId = ({ id, name }: Person): string => `${plainName(name)} (id ${plainId(id)})`.trim();
const withUsername = (person: Person): string =>
  person.username !== undefined && /^[A-Za-z0-9_]{1,64}$/.test(person.username)
    ? `${plainName(person.name)} (@${person.username})`.trim()
    : withId(person);

/** Whether nobody may bear that name who speaks beside people. */
export const isReservedName = (name: string): boolean =>
  RESERVED.has(lookOf(name)) || name.split(/[^\p{L}\p{N}\p{M}]+/u).some((word) => RESERVED_WORDS.has(lookOf(word)));
