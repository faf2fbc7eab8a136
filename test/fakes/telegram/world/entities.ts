import type { TlObject } from '../tl/value.ts';

const FOUND_BY_TELEGRAM: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/(?<![\w@])@[a-zA-Z]\w{2,31}/g, 'messageEntityMention'],
  [/(?<![\w/])\/[a-zA-Z]\w{0,31}(?:@\w+)?/g, 'messageEntityBotCommand'],
  [/https?:\/\/[^\s<>"]+/g, 'messageEntityUrl'],
  [/(?<![\w#])#[\p{L}_]\w*/gu, 'messageEntityHashtag'],
];

const end = (entity: TlObject): number => Number(entity.offset) + Number(entity.length);

/** The given entities, and those that Telegram's servers find by themselves in the rest of the text. */
export const withFoundEntities = (text: string, given: readonly TlObject[]): readonly TlObject[] => {
  const entities = [...given];
  for (const [pattern, kind] of FOUND_BY_TELEGRAM)
    for (const match of text.matchAll(pattern)) {
      const found = { _: kind, offset: match.index, length: match[0].length };
      if (!entities.some((other) => Number(other.offset) < end(found) && found.offset < end(other))) entities.push(found);
    }
  return entities.sort((a, b) => Number(a.offset) - Number(b.offset) || Number(b.length) - Number(a.length));
};
