import { InvalidValueError, promiseId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { anyChat, by, numbered, query, single, wholeNumber, wordAmong } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { logTail } from '../schemas/desk.ts';
import { type JsonSchema, wire } from '../schemas/names.ts';

const MAX_LINES = 500;
const DEFAULT_LINES = 200;

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `readLog`';

const matching = (pattern: RegExp, words: string, about: JsonSchema) =>
  single
    .transform(
      by((text: string) => {
        if (!pattern.test(text)) throw new InvalidValueError(words);
        return text;
      }),
    )
    .register(wire, { ...about, pattern: pattern.source });
const area = matching(/^[a-z][\w.-]{0,99}$/, 'must be a word of the log, such as promises', {
  description: 'A part of Kept, and its parts',
  examples: ['promises'],
});
const trace = matching(/^[0-9a-f]{4,32}$/, 'must be the first 4 to 32 hex digits of a trace', {
  description: 'The work that lines belong to, by the beginning of its id',
});
const state = matching(/^[\w-]{1,100}$/, 'must be a state that an earlier answer gave', {
  description: 'The `state` of an earlier answer: without new lines there is nothing to read',
});

export const logRoutes = [
  defineRoute({
    method: 'GET',
    path: '/logs',
    id: 'readLog',
    tag: 'reports',
    summary: 'The newest lines that the processes of this data directory have logged',
    description: 'Looks at the last 4 MB at the most. Secrets are redacted.',
    query: query({
      area: area.optional(),
      level: wordAmong(['debug', 'info', 'warn', 'error']),
      chatId: anyChat.optional(),
      promiseId: numbered(promiseId).optional(),
      trace: trace.optional(),
      limit: wholeNumber(1, MAX_LINES).default(DEFAULT_LINES),
      unless: state.optional(),
    }),
    replies: { 200: logTail },
    refusals: { 404: ['log/not-offered'] },
    handle: async ({ query: { limit, ...asked } }, { api }) => {
      if (!api.readLog) throw new RequestError(404, 'log/not-offered', 'the log is not offered here', { hint: HINT });
      return api.readLog({ limit, ...present(asked) });
    },
  }),
];
