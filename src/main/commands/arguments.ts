import { InvalidArgumentError, Option } from 'commander';
import {
  type ChatId,
  clockTime,
  DEFAULT_LOCAL_CHAT,
  describe,
  InvalidValueError,
  isLeftOut,
  isLocalChat,
  namedChat,
  readTime,
  timeForms,
  wholeNumber,
} from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { printError } from './outcome.ts';

/** A commander parser out of a validating constructor: its words become a usage error. */
export const argument =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(reasonOf(error));
    }
  };

/** Likewise of an argument that may come several times. */
export const several =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, argument(parse)(text)];

/** `--chat` of what asks about any chat. */
export const anyChatOption = (what: string): Option =>
  new Option(
    '--chat <id>',
    `${what}: a local one by number, else its id (groups are negative); local:<n> and telegram:<id> are exact`,
  ).argParser(argument(namedChat));

/** `--chat` of what is done in a local chat. */
export const localChatOption = (what: string): Option =>
  new Option('--chat <id>', `${what}, by number`).argParser(argument(localChat)).default(DEFAULT_LOCAL_CHAT, '1');

/** One number names the same chat in every command. */
const localChat = (raw: string): ChatId => {
  const chat = namedChat(raw);
  if (!isLocalChat(chat)) throw new InvalidValueError(`${raw} is not a local chat: write a number of up to five digits, or local:<n>`);
  return chat;
};

export const priorityOf = (text: string): number => wholeNumber(text, 'a priority', 1, 10);

export const limitOf = (text: string): number => wholeNumber(text, 'a limit', 1, 10_000);

const UNITS = { d: 24 * 60 * 60 * 1000, h: 60 * 60 * 1000, m: 60 * 1000 } as const;

export const keyOf = (text: string): string => {
  if (text === '') throw new InvalidValueError('a key has at least one character');
  return text;
};

/** `7d`, `12h` or `90m`, in ms. */
export const spanOf = (text: string): number => {
  const [, amount, unit] = /^(\d{1,6})([dhm])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new InvalidValueError(`${describe(text)} is no span of time: write 7d, 12h or 90m`);
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
};

/**
 * A time as a person writes it, in ms since 1970. Throws InvalidValueError, with words that say how it is written. Says it on standard error
 * where the clocks never show that time.
 */
export const timeOf = (text: string, timeZone: string): number => {
  const at = readTime(text, timeZone, Date.now());
  if (at === undefined) throw new InvalidValueError(`${describe(text)} is no time: write ${timeForms(timeZone)}`);
  if (isLeftOut(text, timeZone))
    printError(`The clocks of ${timeZone} go forward over ${text.trim()}: it is taken for ${clockTime(at, timeZone)}.`);
  return at;
};
