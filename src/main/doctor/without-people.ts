import { homedir } from 'node:os';
import { type AccessPolicy, nativeId } from '../../domain/index.ts';

type People = Pick<AccessPolicy, 'people' | 'whitelist' | 'workspaces'>;

/** A shorter name stands for a person only as it is written: in other letters it is a common word. */
const SHORTEST_IN_ANY_CASE = 3;
/** A shorter number is no id of a platform, and stands for something else in most texts. */
const SHORTEST_ID = 3;

/**
 * The text without names and ids of people and chats, telephone numbers, titles of groups, and the home directory,
 * whose name is often that of a person.
 */
export const withoutPeople = (policy: People): ((text: string) => string) => {
  const names = namesIn(policy);
  const [inAnyCase, asWritten] = [true, false].map((isLong) =>
    wordsOf(names.filter((name) => name.length >= SHORTEST_IN_ANY_CASE === isLong)),
  );
  const usernames = wordsOf([...policy.whitelist.usernames.keys()].map((key) => key.slice(key.indexOf(':') + 1)));
  const ids = idsIn(policy);
  const replacements: readonly (readonly [pattern: RegExp, by: string])[] = [
    ...(inAnyCase ? [[new RegExp(inAnyCase, 'giu'), '[person]'] as const] : []),
    ...(asWritten ? [[new RegExp(asWritten, 'gu'), '[person]'] as const] : []),
    ...(usernames ? [[new RegExp(usernames, 'giu'), '[person]'] as const] : []),
    [/\b(telegram|local):-?\d+(?::\d+)?/g, '$1:[id]'],
    [/(?<![\w.])-100\d{6,}/g, '[id]'],
    ...(ids.length > 0 ? [[new RegExp(`(?<!\\d)-?(?:${ids.join('|')})(?!\\d)`, 'g'), '[id]'] as const] : []),
    [/(?<!\w)\+\d[\d ()-]{6,16}\d/g, '[phone]'],
    [/(group )"(?:[^"\\]|\\.)*"/g, '$1"[title]"'],
    [/@(?!BotFather\b)[A-Za-z]\w{3,31}\b/g, '@[name]'],
  ];
  const home = homedir();
  return (text) =>
    replacements.reduce((rest, [pattern, by]) => rest.replace(pattern, by), home.length > 1 ? text.replaceAll(home, '~') : text);
};

/** How the configuration calls people, the longest first. */
const namesIn = ({ people, whitelist }: People): readonly string[] => {
  const written = [
    ...[...(people?.values() ?? [])].map(({ name }) => name),
    ...[...whitelist.userIds.values(), ...whitelist.usernames.values()].map(({ description }) => description),
  ];
  return [...new Set(written.map((name) => name.trim()).filter((name) => name.length > 1))].toSorted((a, b) => b.length - a.length);
};

/** Numbers that stand for people and chats of the configuration, without their sign; of a supergroup in both ways. */
const idsIn = ({ people, whitelist, workspaces }: People): readonly string[] => {
  const all = [...(people?.keys() ?? []), ...whitelist.userIds.keys(), ...workspaces.flatMap(({ chatIds }) => chatIds)];
  const numbers = all.flatMap((id) => {
    const number = nativeId(id).replace(/^-/, '');
    return [number, number.replace(/^100(?=\d{6})/, '')];
  });
  return [...new Set(numbers)]
    .filter((number) => /^\d+$/.test(number) && number.length >= SHORTEST_ID)
    .toSorted((a, b) => b.length - a.length);
};

/** A pattern of these where they are no part of a longer word; undefined where there are none. */
const wordsOf = (words: readonly string[]): string | undefined =>
  words.length === 0
    ? undefined
    : `(?<![\\p{L}\\p{N}_])(?:${words.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')).join('|')})(?![\\p{L}\\p{N}_])`;
