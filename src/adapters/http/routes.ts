import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DEFAULT_LOCAL_CHAT, err, type PromiseId, type Refusal } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { HttpApi } from './api.ts';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';
import { idParams, messagesQuery, parse, postBody, promisesQuery, scheduleParams, schedulesQuery, verdictRequest } from './requests.ts';
import { messageView, promiseView, scheduleView } from './views.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * One path with its handlers; HEAD is answered like GET, unless the answer never ends, and the other methods with 405.
 */
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
      return reply.code(202).send({ chatId: posted.value.chatId, messageId: posted.value.messageId });
    },
    GET: async ({ query }) => {
      const { chatId, after, limit } = parse(messagesQuery, query);
      return { messages: (await api.listMessages(chatId, after, limit)).map(messageView) };
    },
  });
  mount(app, '/api/chat/messages/:id/verdict', {
    GET: async ({ params, query }) => {
      const { chatId, messageId } = parse(verdictRequest, { ...(params as object), ...(query as object) });
      const verdict = await api.getVerdict?.(chatId, messageId);
      if (!verdict) throw new RequestError(404, 'message/no-verdict', `there is no verdict on message ${messageId} of chat ${chatId} yet`);
      return {
        chatId,
        messageId,
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
      const found = await api.listPromises({ limit, ...(status ? { statuses: status } : {}), ...present({ chatId }) });
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
      const found = await api.listSchedules?.({ limit, includeEnded: all, ...present({ chatId }) });
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

const refused = ({ code, message, retryAfterMs }: Refusal): RequestError => {
  const headers: Record<string, string> = retryAfterMs === undefined ? {} : { 'retry-after': `${Math.ceil(retryAfterMs / 1_000)}` };
  return new RequestError(code.endsWith('/not-found') ? 404 : 409, code, message, { headers });
};
