import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  chatName,
  DEFAULT_LOCAL_CHAT,
  err,
  InvalidValueError,
  localChatId,
  messageId,
  namedChat,
  PROMISE_STATUSES,
  type PromiseId,
  promiseId,
  scheduleId,
} from '../../domain/index.ts';
import type { ApiError, HttpApi } from './api.ts';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';
import { messageView, promiseView, scheduleView } from './views.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** One path with its handlers; HEAD is answered like GET, unless the answer never ends, and the other methods with 405. */
export const mount = (
  app: FastifyInstance,
  url: string,
  handlers: { readonly GET?: Handler; readonly POST?: Handler },
  { endless = false } = {},
): void => {
  const withHead = handlers.GET !== undefined && !endless;
  for (const [method, handler] of Object.entries(handlers))
    app.route({ method, url, handler, exposeHeadRoute: withHead && method === 'GET' });
  const allowed = [...Object.keys(handlers), ...(withHead ? ['HEAD'] : [])];
  const names = allowed.join(', ');
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    handler: async (request) => {
      throw new RequestError(405, 'http/method-not-allowed', `${request.method} is not possible here, only ${names}`, {
        hint: `the routes are described in ${ROUTES_DOC}`,
        headers: { allow: names },
      });
    },
  });
};

export const mountApi = (app: FastifyInstance, api: HttpApi): void => {
  mount(app, '/api/chat/messages', {
    POST: async ({ body }, reply) => {
      const { text, chatId = DEFAULT_LOCAL_CHAT } = parse(postBody, body);
      const posted = await api.postMessage({ chatId, text });
      if (!posted.ok) throw new RequestError(posted.error.code === 'message/too-long' ? 413 : 400, posted.error.code, posted.error.message);
      return reply.code(202).send({ ...posted.value, chatId: chatName(posted.value.chatId) });
    },
    GET: async ({ query }) => {
      const { chatId, after, limit } = parse(messagesQuery, query);
      return { messages: (await api.listMessages(chatId, after, limit)).map(messageView) };
    },
  });
  mount(app, '/api/chat/messages/:id/verdict', {
    GET: async ({ params, query }) => {
      const { id } = parse(messageParams, params);
      const { chatId } = parse(messagesQuery, query);
      const verdict = await api.verdictOf?.(chatId, id);
      if (!verdict)
        throw new RequestError(404, 'message/no-verdict', `there is no verdict on message ${id} of chat ${chatName(chatId)} yet`);
      return {
        chatId: chatName(chatId),
        messageId: id,
        verdict: verdict.kind,
        ...(verdict.kind === 'failed' ? { reason: verdict.reason } : {}),
      };
    },
  });
  mount(app, '/api/self-ping', {
    POST: async () => {
      const pinged = await api.pingSelf();
      if (!pinged.ok) throw new RequestError(409, pinged.error.code, pinged.error.message);
      return pinged.value;
    },
  });
  mount(app, '/api/promises', {
    GET: async ({ query }) => {
      const { status, chatId, limit } = parse(promisesQuery, query);
      const found = await api.listPromises({ limit, ...(status ? { statuses: status } : {}), ...(chatId === undefined ? {} : { chatId }) });
      return { promises: found.map(promiseView) };
    },
  });
  mount(app, '/api/promises/:id', {
    GET: async ({ params }) => {
      const { id } = parse(idParams, params);
      const found = await api.getPromise(id);
      if (!found) throw refused({ code: 'promise/not-found', message: `there is no promise #${id}` });
      return promiseView(found);
    },
  });
  for (const [verb, act] of [
    ['cancel', (id: PromiseId) => api.cancelPromise(id)],
    ['retry', (id: PromiseId) => api.retryPromise(id)],
  ] as const)
    mount(app, `/api/promises/:id/${verb}`, {
      POST: async ({ params }) => {
        const outcome = await act(parse(idParams, params).id);
        if (!outcome.ok) throw refused(outcome.error);
        return promiseView(outcome.value);
      },
    });
  mount(app, '/api/schedules', {
    GET: async ({ query }) => {
      const { all, chatId, limit } = parse(schedulesQuery, query);
      const found = await api.listSchedules?.({ limit, activeOnly: !all, ...(chatId === undefined ? {} : { chatId }) });
      return { schedules: (found ?? []).map(scheduleView) };
    },
  });
  mount(app, '/api/schedules/:id/cancel', {
    POST: async ({ params }) => {
      const { id } = parse(scheduleParams, params);
      const outcome = await (api.cancelSchedule?.(id) ?? err({ code: 'schedule/not-found', message: `there is no schedule #${id}` }));
      if (!outcome.ok) throw refused(outcome.error);
      return scheduleView(outcome.value);
    },
  });
};

const refused = ({ code, message, retryAfterMs }: ApiError): RequestError => {
  const headers: Record<string, string> = retryAfterMs === undefined ? {} : { 'retry-after': `${Math.ceil(retryAfterMs / 1_000)}` };
  return new RequestError(code.endsWith('/not-found') ? 404 : 409, code, message, { headers });
};

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
const messageParams = z.object({ id: single.transform(by(messageId)) });
const idParams = z.object({ id: single.transform(by(promiseId)) });
const scheduleParams = z.object({ id: single.transform(by(scheduleId)) });
const limit = wholeNumber(1, 1_000).default(500);
const after = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const MAX_NAMES = 10;
const MAX_NAME_LENGTH = 50;

const unknownFields = (names: readonly string[]): string => {
  const shown = names.slice(0, MAX_NAMES).map((name) => JSON.stringify(name.slice(0, MAX_NAME_LENGTH)));
  const rest = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  return `unknown ${names.length === 1 ? 'field' : 'fields'}: ${shown.join(', ')}${rest}`;
};

const postBody = z.strictObject(
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
const messagesQuery = z.object({
  chatId: single.transform(by(localChatId)).default(DEFAULT_LOCAL_CHAT),
  after: after.optional(),
  limit,
});
const promisesQuery = z.object({
  status: z
    .union([z.string(), z.array(z.string())])
    .transform((raw) => [raw].flat().flatMap((part) => part.split(',')))
    .pipe(z.array(z.enum(PROMISE_STATUSES, { error: `must be among ${PROMISE_STATUSES.join(', ')}` })))
    .optional(),
  chatId: single.transform(by(namedChat)).optional(),
  limit,
});
const schedulesQuery = z.object({
  all: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .transform((raw) => raw === 'true')
    .default(false),
  chatId: single.transform(by(namedChat)).optional(),
  limit,
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
