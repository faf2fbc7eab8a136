import { isIP } from 'node:net';
import { z } from 'zod';
import { EFFORTS, type Effort } from '../domain/agent/agent.ts';
import { chatId } from '../domain/chat/ids.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { isTimeZone } from '../domain/shared/time.ts';
import { TELEGRAM } from './platform.ts';
import { asVerified, wrongParameter } from './postgres-parameters.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';

/** A variable: absent, or a well-formed text. `type` is the word of the reference for its values. */
export const kind = <T>(read: (text: string) => T | Refusal, type = 'text') =>
  z
    .string()
    .transform((text, context): T => {
      const value = read(text.trim());
      if (!isRefusal(value)) return value;
      context.addIssue({ code: 'custom', message: value.problem, params: { hint: value.hint } });
      return z.NEVER;
    })
    .optional()
    .describe(type);

const SECRET = 'secret';
/** A variable whose value is never shown: no problem and no log line holds it. */
export const secretKind = <T>(read: (text: string) => T | Refusal, type?: string) =>
  kind(read, type === undefined ? SECRET : `${SECRET}, ${type}`);
export const isSecretKind = (variable: z.ZodType): boolean => /^secret(,|$)/.test(variable.description ?? '');

/** Quotes a short value. A long one is not quoted, not even in part: it may be a key in the wrong place. */
const quote = (value: string): string => (value.length > 24 ? `a text of ${value.length} characters` : `"${value}"`);

const boundedNumber = (text: string, min: number, max: number, shape: RegExp, what: string, note = ''): number | Refusal => {
  const refusal = (problem: string): Refusal => refuse(`${quote(text)} ${problem}`, `give ${what} from ${min} to ${max}${note}`);
  if (!shape.test(text)) return refusal(`is not ${what}`);
  const value = Number(text);
  if (value < min) return refusal(`is less than ${min}`);
  return value > max ? refusal(`is more than ${max}`) : value;
};

const inFigures = (number: number): string => number.toLocaleString('en-US');
const between = (min: number, max: number): string => `${inFigures(min)} to ${inFigures(max)}`;

export const wholeNumber = (min: number, max: number) =>
  kind((text) => boundedNumber(text, min, max, /^-?\d+$/, 'a whole number'), between(min, max));

/** A Telegram chat by its marked id, with or without `telegram:` before it; a topic adds `:<number>`. */
export const telegramChat = () =>
  kind((text) => {
    const written = text.replace(/^telegram:/, '');
    if (/^-?[1-9]\d{0,14}(:[1-9]\d{0,9})?$/.test(written)) return chatId(`${TELEGRAM}:${written}`);
    return refuse(
      `${quote(text)} is not a chat of Telegram`,
      "give the chat's id: a person's is positive, a group's negative, a supergroup's begins with -100",
    );
  }, 'chat id of Telegram');

/** Seconds as people write them; ms as the program counts them. */
export const seconds = (min: number, max: number) =>
  kind(
    (text) => {
      const note = ', with up to 3 decimals';
      const value = boundedNumber(text, min, max, /^-?\d+(\.\d+)?$/, 'a number of seconds', note);
      if (isRefusal(value)) return value;
      if (/\.\d{4}/.test(text))
        return refuse(`${quote(text)} has more than 3 decimals`, `give a number of seconds from ${min} to ${max}${note}`);
      return Math.round(value * 1000);
    },
    between(min, max),
  );

/** `type` is what the text names: a file, a directory. */
export const text = (type?: string) => kind((value) => value, type);

/** A text that may hold a password. */
export const secretText = () => secretKind((value) => value);

/** A text of one shape. A problem does not quote a value of another shape. */
export const shaped = ({ pattern, hint, type }: { readonly pattern: RegExp; readonly hint: string; readonly type: string }) =>
  kind((value) => (pattern.test(value) ? value : refuse('does not look like what it should be', hint)), type);

/** An IANA name. */
export const timeZone = () =>
  kind(
    (value) => (isTimeZone(value) ? value : refuse(`${quote(value)} is no time zone`, 'give an IANA name, such as Europe/Berlin or UTC')),
    'IANA name',
  );

/** `host:port` */
export const address = () =>
  kind(
    (value) =>
      /^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i.test(value)
        ? value
        : refuse(`${quote(value)} is no address`, 'give host:port, such as 127.0.0.1:4430'),
    'host:port',
  );

/** Whether something is to be done. */
export const onOff = () =>
  oneOf({ on: true, true: true, yes: true, 1: true, off: false, false: false, no: false, 0: false }, ['on', 'off']);

/**
 * One of some words, case aside; several words may mean the same. `shown` are those that the documentation names, as it
 * writes them.
 */
export const oneOf = <T extends string | boolean>(words: Readonly<Record<string, T>>, shown: readonly string[] = Object.keys(words)) =>
  kind((value) => {
    const known = words[value.toLowerCase()];
    if (known !== undefined && Object.hasOwn(words, value.toLowerCase())) return known;
    const near = nearestName(value, shown);
    return refuse(`${quote(value)} is not known`, `${near ? `did you mean "${near}"? ` : ''}use one of: ${shown.join(', ')}`);
  }, choiceOf(shown));

/** "`a`, `b` or `c`" */
const choiceOf = (words: readonly string[]): string =>
  words
    .map((word) => `\`${word}\``)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');

/** Comma-separated parts, empty ones left out. */
export const list = (of: string, check: (part: string) => Refusal | undefined = () => undefined) =>
  kind<readonly string[]>((value) => {
    const parts = value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts.length === 0) return refuse('holds nothing but commas', 'give at least one value, or leave the variable unset');
    const refusals = parts.map(check).filter(isRefusal);
    const [first] = refusals;
    return first ? refuse(refusals.map(({ problem }) => problem).join('; '), first.hint) : parts;
  }, `list of ${of}`);

/** An origin as browsers send it. */
export const origins = () =>
  list('origins', (part) => {
    const origin = part === '*' ? '*' : URL.parse(part)?.origin;
    if (origin === part) return undefined;
    return refuse(
      `${quote(withoutCredentials(part))} is not an origin`,
      'give origins like https://example.org, with no path and no slash at the end',
    );
  });

/** Addresses, or networks in the form `10.0.0.0/8`. A network of everybody is none. */
export const addresses = () =>
  list('addresses', (part) => {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(part) ?? [];
    const length = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    if (length < 0 || (bits !== undefined && Number(bits) > length))
      return refuse(`${quote(part)} is no address and no network`, 'give addresses such as 127.0.0.1, or networks such as 10.0.0.0/8');
    return bits === undefined || Number(bits) > 0
      ? undefined
      : refuse(`${quote(part)} is everybody`, 'name the proxies: whoever is named may say for whom it speaks');
  });

const SIZES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** `10MB`, `512KB` or plain bytes; a kilobyte is 1,024 bytes. */
export const byteSize = (max: number) =>
  kind(
    (value) => {
      const refusal = (problem: string): Refusal =>
        refuse(`${quote(value)} ${problem}`, `give a size from 1 byte to ${max / 1024 ** 2}MB, such as 10MB`);
      const match = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i.exec(value);
      if (!match) return refusal('is not a size');
      const bytes = Math.floor(Number(match[1]) * (SIZES[(match[2] ?? 'b').toLowerCase()] ?? 1));
      if (bytes < 1) return refusal('is too little');
      return bytes > max ? refusal('is too much') : bytes;
    },
    `size up to \`${max / 1024 ** 2}MB\``,
  );

/** An address of an HTTP service, without the slash at its end. `keyName`: the variable that its key belongs in. */
export const httpUrl = (keyName: string, example = 'https://host/v1') =>
  kind((value) => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol)) return refuse('is not an http or https address', `give an address like ${example}`);
    if (url.username || url.password)
      return refuse('holds a user name or password', `leave them out of the address and put the key in ${keyName}`);
    return value.replace(/\/+$/, '');
  }, 'http(s) address');

/**
 * The address of a PostgreSQL database. It holds a password: a problem quotes at most the wrong parameters.
 */
export const postgresUrl = () =>
  secretKind((value) => {
    const refusal = (problem: string): Refusal =>
      refuse(problem, 'give an address like postgres://user:password@host:5432/kept, or leave it unset to keep the data in SQLite');
    const url = URL.parse(value);
    if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return refusal('is not the address of a PostgreSQL database');
    if (!/^\/[^/]+$/.test(url.pathname)) return refusal('names no database');
    if (decodedPart(value) === undefined) return refusal('holds a % that stands for no character: write %25 for the sign itself');
    return wrongParameter(url.searchParams) ?? asVerified(value);
  });

/** Decodes the %-forms in a part of an address; undefined if one of them is malformed. */
export const decodedPart = (part: string): string | undefined => {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
};

/** A key: printable, unbroken, and not the placeholder of an example. */
export const secret = (shape: { readonly pattern: RegExp; readonly hint: string; readonly type?: string } = { pattern: /^/, hint: '' }) =>
  secretKind((value) => {
    if (/(\.\.\.|…|\*{3,})$/.test(value))
      return refuse('is still the placeholder of an example', 'give the real value, or leave the variable unset');
    if (!/^[\x21-\x7e]+$/.test(value))
      return refuse('holds spaces or characters that no key has', 'copy the key again, alone and in one line');
    return shape.pattern.test(value) ? value : refuse('does not look like what it should be', shape.hint);
  }, shape.type);

const withoutCredentials = (address: string): string => address.replace(/\/\/[^/]*@/, '//…@');

/** How much a model thinks. */
export const effort = () => oneOf<Effort>(Object.fromEntries(EFFORTS.map((word) => [word, word])));

/** The longest reply. Below 256 tokens no answer fits, and no model gives more than 1,000,000. */
export const outputTokens = () => wholeNumber(256, 1_000_000);

/** An amount in US dollars, to the hundredth of a cent. */
export const dollars = (min: number, max: number) =>
  kind(
    (value) => {
      const amount = /^\d+(\.\d{1,4})?$/.test(value) ? Number(value) : Number.NaN;
      return amount >= min && amount <= max
        ? amount
        : refuse('is no amount in US dollars', `give a number from ${min} to ${max}, such as 2.50`);
    },
    `${min} to ${max.toLocaleString('en-US')}`,
  );
