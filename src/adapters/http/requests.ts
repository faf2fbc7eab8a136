import { z } from 'zod';
import {
  APPROVAL_STATUSES,
  AUDIT_KINDS,
  approvalId,
  DEFAULT_LOCAL_CHAT,
  InvalidValueError,
  localChatId,
  MEASURED_KINDS,
  namedChat,
  namedMessage,
  PROMISE_STATUSES,
  promiseId,
  readSpan,
  scheduleId,
  USAGE_GROUPS,
} from '../../domain/index.ts';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';

/** A domain constructor as a zod step: its words become the issue's. */
const by =
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

/** A query parameter that is given once. */
const single = z.string({ error: 'is given more than once' });
const wholeNumber = (min: number, max: number) =>
  single.transform((raw, context) => {
    const value = /^\d{1,16}$/.test(raw) ? Number(raw) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `must be a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
export const idParams = z.object({ id: single.transform(by(promiseId)) });
export const approvalParams = z.object({ id: single.transform(by(approvalId)) });
export const scheduleParams = z.object({ id: single.transform(by(scheduleId)) });
const limit = wholeNumber(1, 1_000).default(500);
const after = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const MAX_NAMES = 10;
const MAX_NAME_LENGTH = 50;

const unknownFields = (names: readonly string[]): string => {
  const shown = names.slice(0, MAX_NAMES).map((name) => JSON.stringify(name.slice(0, MAX_NAME_LENGTH)));
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `unknown ${names.length === 1 ? 'field' : 'fields'}: ${shown.join(', ')}${rest}`;
};

export const postBody = z.strictObject(
  {
    text: z
      .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a string') })
      .refine((text) => text.trim() !== '', { error: 'must not be empty' }),
    chatId: z.union([z.number(), z.string()], { error: 'must be local:<n>' }).transform(by(localChatId)).optional(),
  },
  {
    error: (issue) => {
      if (issue.code === 'unrecognized_keys') return unknownFields(issue.keys);
      return issue.code === 'invalid_type' ? 'a JSON object like {"text": "Hello"} is expected' : undefined;
    },
  },
);
export const messagesQuery = z.object({
  chatId: single.transform(by(localChatId)).default(DEFAULT_LOCAL_CHAT),
  after: after.optional(),
  limit,
});
/** A message of a local chat, by its id or its number. */
export const verdictRequest = z
  .object({ id: single, chatId: single.transform(by(localChatId)).default(DEFAULT_LOCAL_CHAT) })
  .transform(by(({ id, chatId }) => ({ chatId, messageId: namedMessage(id, chatId) })));
/** One of these words, several separated by commas, or the parameter several times. */
const wordsAmong = <const Words extends readonly string[]>(words: Words) =>
  z
    .union([z.string(), z.array(z.string())])
    .transform((raw) => [raw].flat().flatMap((part) => part.split(',')))
    .pipe(z.array(z.enum(words, { error: `must be among ${words.join(', ')}` })))
    .optional();
export const approvalsQuery = z.object({
  status: wordsAmong(APPROVAL_STATUSES),
  chatId: single.transform(by(namedChat)).optional(),
  limit,
});
export const promisesQuery = z.object({
  status: wordsAmong(PROMISE_STATUSES),
  chatId: single.transform(by(namedChat)).optional(),
  limit,
});
const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((raw) => raw === 'true')
  .default(false);
export const healthQuery = z.object({ deep: flag });
export const schedulesQuery = z.object({
  all: flag,
  chatId: single.transform(by(namedChat)).optional(),
  limit,
});
/** A time as JSON has it. */
const time = single.transform((raw, context) => {
  const at = /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2}))?$/.test(raw) ? Date.parse(raw) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  context.addIssue({ code: 'custom', message: 'must be a time such as 2026-11-23T09:00:00Z, or a day such as 2026-11-23 (UTC)' });
  return z.NEVER;
});
export const auditQuery = z.object({
  kind: wordsAmong(AUDIT_KINDS),
  chatId: single.transform(by(namedChat)).optional(),
  since: time.optional(),
  after: after.optional(),
  before: after.optional(),
  limit,
});
export const usageQuery = z.object({
  by: z.enum(USAGE_GROUPS, { error: `must be among ${USAGE_GROUPS.join(', ')}` }).optional(),
  chatId: single.transform(by(namedChat)).optional(),
  since: time.optional(),
  limit,
});
/** A time, or a span back from now. */
const sinceWhen = single.transform((raw, context) => {
  const span = readSpan(raw);
  if (span !== undefined) return Date.now() - span;
  const read = time.safeParse(raw);
  if (read.success) return read.data;
  context.addIssue({ code: 'custom', message: 'must be a span such as 1h, 1d or 7d, or a time such as 2026-11-23T09:00:00Z' });
  return z.NEVER;
});
export const statsQuery = z.object({
  by: z.enum(MEASURED_KINDS, { error: `must be among ${MEASURED_KINDS.join(', ')}` }).optional(),
  since: sinceWhen.optional(),
});
export const streamQuery = messagesQuery.pick({ chatId: true, after: true });
export const streamHeaders = z.object({ 'Last-Event-ID': after.optional() });

/** The value, or a 400 that names each field that is wrong. */
export const parse = <T>(schema: z.ZodType<T>, raw: unknown): T => {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  // A place inside a list is no name that the client gave.
  const problems = parsed.error.issues.map(({ path: [field], message }) =>
    field === undefined ? message : `${String(field)}: ${message}`,
  );
  const different = [...new Set(problems)];
  const rest = different.length > MAX_NAMES ? `; and ${different.length - MAX_NAMES} more` : '';
  throw new RequestError(400, 'http/invalid-request', different.slice(0, MAX_NAMES).join('; ') + rest, {
    hint: `the routes are described in ${ROUTES_DOC}`,
  });
};
