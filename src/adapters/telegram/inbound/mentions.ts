import { Api } from 'telegram/tl/index.js';
import { normaliseUsername } from '../../../domain/whitelist/whitelist.ts';
import { plainNumber } from '../client/peer-ids.ts';

/** Who we are on Telegram. */
export interface Self {
  readonly id: number;
  readonly username?: string;
}

export interface Mentions {
  readonly ofUs: boolean;
  readonly ofOthers: boolean;
  /** The text without the mentions of us; as it was where nothing else is in it. */
  readonly text: string;
}

/** `[start, end)` of a text that names somebody, us or another. */
interface Mention {
  readonly start: number;
  readonly end: number;
  readonly isUs: boolean;
}

/** Whom a text names: by `@username`, by a link to a person, or behind a command (`/status@kept_bot`). */
export const readMentions = (text: string, entities: readonly Api.TypeMessageEntity[], self: Self): Mentions => {
  const mentions = entities.flatMap((entity) => mentionIn(text, entity, self) ?? []);
  const ours = mentions.filter(({ isUs }) => isUs).toSorted((a, b) => b.start - a.start);
  // Two entities may tell of one mention.
  const apart = ours.filter(({ end }, at) => at === 0 || end <= (ours[at - 1]?.start ?? 0));
  const stripped = apart.reduce((rest, { start, end }) => join(rest.slice(0, start), rest.slice(end)), text);
  return {
    ofUs: ours.length > 0,
    ofOthers: ours.length < mentions.length,
    text: stripped.trim() === '' ? text : stripped,
  };
};

/** The mentions in a text that comes without entities. */
export const findMentions = (text: string): Api.TypeMessageEntity[] =>
  Array.from(
    text.matchAll(/(?<![\w@/.])@\w{3,32}/g),
    ({ 0: { length }, index }) => new Api.MessageEntityMention({ offset: index, length }),
  );

const mentionIn = (text: string, entity: Api.TypeMessageEntity, self: Self): Mention | undefined => {
  const start = entity.offset;
  const end = start + entity.length;
  const isOurName = (name: string): boolean => self.username !== undefined && normaliseUsername(name) === normaliseUsername(self.username);
  if (entity instanceof Api.MessageEntityMention) return { start, end, isUs: isOurName(text.slice(start, end)) };
  if (entity instanceof Api.MessageEntityMentionName) return { start, end, isUs: plainNumber(entity.userId) === self.id };
  if (!(entity instanceof Api.MessageEntityBotCommand)) return undefined;
  const at = text.slice(start, end).indexOf('@');
  return at < 0 ? undefined : { start: start + at, end, isUs: isOurName(text.slice(start + at, end)) };
};

/** What stood before and behind a mention, without the blanks and the comma that stood there for its sake. */
const join = (before: string, after: string): string => {
  if (before === '' || /\n[^\S\n]*$/.test(before)) return before + after.replace(/^[^\S\n]*(?:[,:](?=\s|$))?[^\S\n]*/, '');
  if (after === '' || /^[\s,.:;!?)]/.test(after)) return before.replace(/[^\S\n]+$/, '') + after;
  return before + after;
};
