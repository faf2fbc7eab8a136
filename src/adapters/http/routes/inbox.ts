import { namedMessage } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { anyChat, limit, messageName, params, query, wordsAmong } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { inboxMessages, VERDICTS, why } from '../schemas/desk.ts';

export const inboxRoutes = [
  defineRoute({
    method: 'GET',
    path: '/inbox',
    id: 'listInbox',
    tag: 'audit',
    summary: 'Messages that came in from anywhere, newest first, with what was decided on each',
    query: query({ verdict: wordsAmong(VERDICTS), chatId: anyChat.optional(), limit }),
    replies: { 200: inboxMessages },
    handle: async ({ query: { verdict, chatId, limit } }, { api, views }) => {
      const found = await api.listInbox?.({ limit, ...present({ verdicts: verdict, chatId }) });
      return { messages: (found ?? []).map(views.inboxMessage) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/inbox/:chatId/:messageId/why',
    id: 'explainMessage',
    tag: 'audit',
    summary: 'Why a message was answered or not, or what led to one of Kept’s own',
    params: params({ chatId: anyChat, messageId: messageName }),
    replies: { 200: why },
    refusals: { 404: ['message/not-found'] },
    handle: async ({ params: { chatId, messageId: name } }, { api }) => {
      const messageId = namedMessage(name, chatId);
      const lines = await api.explain?.(chatId, messageId);
      if (!lines) throw new RequestError(404, 'message/not-found', `message ${messageId} of chat ${chatId} never reached Kept`);
      return { chatId, messageId, lines };
    },
  }),
];
