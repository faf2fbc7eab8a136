import { z } from 'zod';
import { InvalidValueError, localChatId, namedChat, promiseId } from '../../domain/index.ts';
import { told, wire } from './schemas/names.ts';

/** A domain constructor as a zod step: its words become the issue's. */
export const by =
  <Raw, Value>(construct: (raw: Raw) => Value) =>
  (raw: Raw, context: z.RefinementCtx): Value => {
    try {
      return construct(raw);
    } catch (error) {
      if (!(error instanceof InvalidValueError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  };

const MAX_NAMES = 10;
const MAX_NAME_LENGTH = 50;

const unknown = (what: string, names: readonly string[]): string => {
  const shown = names.slice(0, MAX_NAMES).map((name) => JSON.stringify(name.slice(0, MAX_NAME_LENGTH)));
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `unknown ${what}${names.length === 1 ? '' : 's'}: ${shown.join(', ')}${rest}`;
};

/** The parameters in a route's path. */
export const params = z.object;

/** The parameters of a route's query; others are refused. */
export const query = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? unknown('parameter', issue.keys) : undefined) });

/** The fields of a route's JSON body; others are refused. `example` is how one looks. */
export const body = <Shape extends z.ZodRawShape>(shape: Shape, example: object) =>
  z
    .strictObject(shape, {
      error: (issue) => {
        if (issue.code === 'unrecognized_keys') return unknown('field', issue.keys);
        return issue.code === 'invalid_type' ? `a JSON object like ${JSON.stringify(example).replace(':', ': ')} is expected` : undefined;
      },
    })
    .register(wire, { examples: [example] });

export const NO_QUERY = query({});
/** Of a route that takes no fields: none, or an empty object. */
export const NO_BODY = body({}, {}).optional();

/** A query parameter that is given once. */
export const single = z.string({ error: 'is given more than once' });

export const wholeNumber = (min: number, max: number) =>
  single
    .transform((raw, context) => {
      const value = /^\d{1,16}$/.test(raw) ? Number(raw) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
      return z.NEVER;
    })
    .register(wire, { type: 'integer', minimum: min, maximum: max });

/** The number of a promise, schedule or approval. */
export const numbered = <Id>(construct: (raw: string) => Id) =>
  single.transform(by(construct)).register(wire, { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const promiseParams = params({ id: numbered(promiseId) });

const DEFAULT_LIMIT = 500;
export const limit = told(wholeNumber(1, 1_000), 'How many at the most').default(DEFAULT_LIMIT);

/** Any chat. */
export const anyChat = single
  .transform(by(namedChat))
  .register(wire, { description: 'A chat, by its id; a bare number is a local chat’s', examples: ['local:1', 'telegram:-1001234567890'] });
/** A chat at this machine. */
export const localChat = single
  .transform(by(localChatId))
  .register(wire, { description: 'A local chat, by its id or its number', examples: ['local:1'] });

/** A message of a chat that is named beside it. */
export const messageName = told(single, 'A message, by its id, such as local:12, or its number', { examples: ['12'] });

/** One of these words, several separated by commas, or the parameter several times. */
export const wordsAmong = <const Words extends readonly string[]>(words: Words) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((raw) => [raw].flat().flatMap((part) => part.split(',')))
    .pipe(z.array(z.enum(words, { error: `must be among ${words.join(', ')}` })))
    .register(wire, { type: 'array', items: { type: 'string', enum: [...words] }, minItems: 1, anyOf: undefined })
    .optional();

export const wordAmong = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, { error: `must be among ${words.join(', ')}` }).optional();

export const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((raw) => raw === 'true')
  .default(false)
  .register(wire, { type: 'boolean', enum: undefined });

/** A time as JSON has it, or a day. */
export const time = single
  .transform((raw, context) => {
    const at = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(raw) ? Date.parse(raw) : Number.NaN;
    if (!Number.isNaN(at)) return at;
    context.addIssue({ code: 'custom', message: 'must be a time such as 2026-11-23T09:00:00Z, or a day such as 2026-11-23 (UTC)' });
    return z.NEVER;
  })
  .register(wire, { description: 'A time, or a day (UTC)', examples: ['2026-11-23T09:00:00Z', '2026-11-23'] });
