import { InvalidArgumentError, Option } from 'commander';
import { cronCalendar } from '../../adapters/cron/index.ts';
import { readProcessConfig } from '../../config/process-config.ts';
import { canStand, STANDING_SPANS } from '../../domain/approval/limits.ts';
import {
  clockTime,
  DEFAULT_LOCAL_CHAT,
  describe,
  InvalidValueError,
  isLeftOut,
  isTimeZone,
  localChatId,
  namedChat,
  pastTimeForms,
  readPastTime,
  readSpan,
  readTime,
  readTimeOfDay,
  SPAN_FORMS,
  timeForms,
  wholeNumber,
} from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { printError } from '../failures.ts';

/** Makes a commander parser out of a validating constructor: its message becomes a usage error. */
export const argument =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(reasonOf(error));
    }
  };

/** The same for an argument that may be given several times. */
export const several =
  <T>(parse: (text: string) => T) =>
  (text: string, before: readonly T[] = []): readonly T[] => [...before, argument(parse)(text)];

/** `--chat` for commands about any chat. */
export const anyChatOption = (what: string): Option =>
  new Option('--chat <id>', `${what}: local:<n>, telegram:<id> or telegram:<id>:<topic>`).argParser(argument(namedChat));

/** `--chat` for commands that act in a local chat. */
export const localChatOption = (what: string): Option =>
  new Option('--chat <id>', `${what}: local:<n>`).argParser(argument(localChatId)).default(DEFAULT_LOCAL_CHAT, DEFAULT_LOCAL_CHAT);

/** An option that takes one of the known words, in any case. */
export const choiceOption = (flags: string, what: string, known: readonly string[]): Option => {
  const option = new Option(flags, what).choices(known);
  return option.argParser((text: string, before: unknown) => {
    const found = known.find((word) => plain(word) === plain(text.trim().toLowerCase()));
    if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${known.join(', ')}.`);
    return option.variadic ? [...(Array.isArray(before) ? before : []), found] : found;
  });
};

/** Hyphens, underscores and spaces are the same. */
const plain = (word: string): string => word.replace(/[- ]/g, '_');

export const priorityOf = (text: string): number => wholeNumber(text, 'a priority', 1, 10);

export const limitOf = (text: string): number => wholeNumber(text, 'a limit', 1, 10_000);

/** How many of something stay. */
export const keepOf = (text: string): number => wholeNumber(text, 'a number to keep', 1, 1_000);

/** How long a measurement of the machine takes. */
export const benchSecondsOf = (text: string): number => wholeNumber(text, 'a number of seconds', 5, 3_600);

export const keyOf = (text: string): string => {
  if (text === '') throw new InvalidValueError('a key has at least one character');
  return text;
};

/** The description of a task. */
export const taskOf = (text: string): string => {
  if (text.trim() === '') throw new InvalidValueError('a task needs some words');
  return text;
};

/** Cron fields, or a name such as `@daily`. */
export const cronOf = (text: string): string => {
  const next = cronCalendar.next(text, 'UTC', Date.now());
  if (!next.ok) throw new InvalidValueError(next.error.message);
  return text;
};

/** A time that `timeOf` reads once the time zone is known. */
export const timeTextOf = (text: string): string => {
  if (readAnyTime(text, 'UTC', Date.now()) === undefined)
    throw notTime(text, readProcessConfig(process.env, process.cwd(), { looksAtData: false }).config.timeZone);
  return text;
};

const readAnyTime = (text: string, timeZone: string, now: number): number | undefined =>
  readTime(text, timeZone, now) ?? readTimeOfDay(text, timeZone, now);

const notTime = (text: string, timeZone: string): InvalidValueError =>
  new InvalidValueError(
    `${describe(text)} is not a time: write ${timeForms(timeZone)}; or a time of day: 17:00, tomorrow 09:00, friday 17:00`,
  );

/** An IANA name. */
export const timeZoneOf = (text: string): string => {
  if (!isTimeZone(text)) throw new InvalidValueError(`there is no time zone ${describe(text)}: name one as Europe/Berlin or UTC`);
  return text;
};

/** A span of time, in ms. */
export const spanOf = (text: string): number => {
  const span = readSpan(text);
  if (span === undefined) throw new InvalidValueError(`${describe(text)} is not a span of time: write ${SPAN_FORMS}`);
  return span;
};

/** For how long a standing approval is given, in ms. */
export const standingSpanOf = (text: string): number => {
  const span = spanOf(text);
  if (!canStand(span)) throw new InvalidValueError(`${describe(text)}: ${STANDING_SPANS}`);
  return span;
};

/** How long to wait, in ms. Takes a span, or a number of seconds. */
export const waitOf = (text: string): number => {
  const wait = /^\d+$/.test(text.trim()) ? Number(text) * 1_000 : spanOf(text);
  if (wait < 1_000 || wait > 86_400_000)
    throw new InvalidValueError(`${describe(text)} is not from 1 second to 1 day: write ${SPAN_FORMS}, or seconds`);
  return wait;
};

/**
 * Reads a time as people write it, in ms since 1970. Throws InvalidValueError with the forms that are known. Prints a
 * note on standard error if the clocks never show that time.
 */
export const timeOf = (text: string, timeZone: string): number => {
  const at = readAnyTime(text, timeZone, Date.now());
  if (at === undefined) throw notTime(text, timeZone);
  noteIfLeftOut(text, timeZone, at);
  return at;
};

const noteIfLeftOut = (text: string, timeZone: string, at: number): void => {
  if (isLeftOut(text, timeZone)) printError(`The clocks of ${timeZone} skip ${text.trim()}: ${clockTime(at, timeZone)} is used instead.`);
};

/** A time that is past, which `sinceTime` reads once the time zone is known. */
export const sinceOf = (text: string): string => {
  if (readPastTime(text, 'UTC', Date.now()) === undefined)
    throw notPastTime(text, readProcessConfig(process.env, process.cwd(), { looksAtData: false }).config.timeZone);
  return text;
};

const notPastTime = (text: string, timeZone: string): InvalidValueError =>
  new InvalidValueError(`${describe(text)} is not a time that is past: write ${pastTimeForms(timeZone)}`);

/** Since when something happened. Throws InvalidValueError for a time that lies ahead. */
export const sinceTime = (text: string, timeZone: string): number => {
  const now = Date.now();
  const at = readPastTime(text, timeZone, now);
  if (at === undefined) throw notPastTime(text, timeZone);
  if (at > now)
    throw new InvalidValueError(`${describe(text)} lies ahead (${clockTime(at, timeZone)}, ${timeZone}): write ${pastTimeForms(timeZone)}`);
  noteIfLeftOut(text, timeZone, at);
  return at;
};
