import type { FastifyInstance } from 'fastify';
import { DEFAULT_LOCAL_CHAT } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';
import { messagesQuery, parse, postBody, verdictRequest } from '../requests.ts';

/** Messages of a local chat, and what became of one. */
export const mountMessages = (app: FastifyInstance, api: HttpApi, views: ApiViews): void => {
  mount(app, '/api/chat/messages', {
    POST: async ({ body }, reply) => {
      const { text, chatId = DEFAULT_LOCAL_CHAT } = parse(postBody, body);
      const posted = await api.postMessage({ chatId, text });
      if (!posted.ok) throw new RequestError(posted.error.code === 'message/too-long' ? 413 : 400, posted.error.code, posted.error.message);
      return reply.code(202).send({ chatId: posted.value.chatId, messageId: posted.value.messageId });
    },
    GET: async ({ query }) => {
      const { chatId, after, limit } = parse(messagesQuery, query);
      return { messages: (await api.listMessages(chatId, after, limit)).map(views.message) };
    },
  });
  mount(app, '/api/chat/messages/:id/verdict', {
    GET: async ({ params, query }) => {
      const { chatId, messageId } = parse(verdictRequest, { ...(params as object), ...(query as object) });
      const verdict = await api.getVerdict?.(chatId, messageId);
      if (!verdict) throw new RequestError(404, 'message/no-verdict', `there is no verdict on message ${messageId} of chat ${chatId} yet`);
      const reason = verdict.kind === 'failed' ? verdict.reason : undefined;
      return { chatId, messageId, verdict: verdict.kind, ...present({ reason }) };
    },
  });
};
