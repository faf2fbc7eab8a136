import { z } from 'zod';
import { chatId, DEFAULT_LOCAL_CHAT, type InboxMessage, messageId, messageIdOf, namedMessage } from '../../../domain/index.ts';
import { unknownMessageWords } from '../../../domain/message/unknown-message.ts';
import { present } from '../../../domain/shared/present.ts';
import { pagesOf } from '../cursors.ts';
import { anyChat, by, limit, messageName, params, query, wordsAmong } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { inboxMessages, VERDICTS, why } from '../schemas/desk.ts';

const pages = pagesOf('inbox', z.object({ chatId: z.string().transform(by(chatId)), messageId: z.string().transform(by(messageId)) }), {
  chatId: DEFAULT_LOCAL_CHAT,
  messageId: messageIdOf('local', 3),
});

export const inboxRoutes = [
  defineRoute({
    method: 'GET',
    path: '/inbox',
    id: 'listInbox',
    tag: 'audit',
    summary: 'Messages that came in from anywhere, newest first, with what was decided on each',
    query: query({ verdict: wordsAmong(VERDICTS), chatId: anyChat.optional(), limit, cursor: pages.cursor }),
    replies: { 200: inboxMessages },
    handle: async ({ query: { verdict, chatId, limit, cursor: before } }, { api, views }) => {
      const found = await api.listInbox?.({ limit: limit + 1, ...present({ verdicts: verdict, chatId, before }) });
      const placeOf = ({ message }: InboxMessage) => ({ chatId: message.chat.id, messageId: message.messageId });
      const { items, rest } = pages.page(found ?? [], { limit, placeOf });
      return { messages: items.map(views.inboxMessage), ...rest };
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
      if (!lines) throw new RequestError(404, 'message/not-found', unknownMessageWords(chatId, messageId));
      return { chatId, messageId, lines };
    },
  }),
];
