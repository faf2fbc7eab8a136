import { z } from 'zod';
import { DEFAULT_LOCAL_CHAT, localChatId, MAX_MESSAGE_LENGTH, namedMessage } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { numberedPages } from '../cursors.ts';
import { body, by, limit, localChat, messageName, params, query, wholeNumber } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { Answer, defineRoute } from '../route.ts';
import { messages, posted, verdict } from '../schemas/chat.ts';
import { told, wire } from '../schemas/names.ts';

const pages = numberedPages('messages', (sequence) => sequence);

/** A message's place in its chat. */
export const sequence = told(wholeNumber(0, Number.MAX_SAFE_INTEGER), 'Only messages behind the one with this sequence');

export const inChat = localChat.default(DEFAULT_LOCAL_CHAT);

const postBody = body(
  {
    text: z
      .string({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a string') })
      .refine((text) => text.trim() !== '', { error: 'must not be empty' })
      .register(wire, { minLength: 1, maxLength: MAX_MESSAGE_LENGTH, pattern: '\\S' }),
    chatId: z
      .union([z.number(), z.string()], { error: 'must be local:<n>' })
      .transform(by(localChatId))
      .optional()
      .register(wire, { ...wire.get(localChat), type: ['string', 'integer'] }),
  },
  { text: 'Hello' },
);

export const messageRoutes = [
  defineRoute({
    method: 'POST',
    path: '/chat/messages',
    id: 'postMessage',
    tag: 'chat',
    summary: 'Sends a message to the agent, and answers once it is durable',
    body: postBody,
    replies: { 202: posted },
    refusals: { 400: ['message/empty', 'chat/not-local'], 413: ['message/too-long'] },
    handle: async ({ body: { text, chatId = DEFAULT_LOCAL_CHAT }, once }, { api }) => {
      const sent = await api.postMessage({ chatId, text, once });
      if (!sent.ok) throw new RequestError(sent.error.code === 'message/too-long' ? 413 : 400, sent.error.code, sent.error.message);
      return new Answer(202, { chatId: sent.value.chatId, messageId: sent.value.messageId });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/chat/messages',
    id: 'listMessages',
    tag: 'chat',
    summary: 'Messages of a local chat, oldest first: those behind `after`, or the newest',
    query: query({ chatId: inChat, after: sequence.optional(), limit, cursor: pages.cursor }),
    replies: { 200: messages },
    description: 'With `after`, the next page holds later messages; without it, earlier ones.',
    handle: async ({ query: { chatId, after, limit, cursor } }, { api, views }) => {
      const back = after === undefined;
      const found = await (back
        ? api.listMessages(chatId, undefined, limit + 1, cursor)
        : api.listMessages(chatId, cursor ?? after, limit + 1));
      const { items, rest } = pages.page(found, { limit, back, placeOf: (message) => message.sequence });
      return { messages: items.map(views.message), ...rest };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/chat/messages/:id/verdict',
    id: 'getVerdict',
    tag: 'chat',
    summary: 'What became of a message that was sent here',
    params: params({ id: messageName }),
    query: query({ chatId: inChat }),
    replies: { 200: verdict },
    refusals: { 404: ['message/no-verdict'] },
    handle: async ({ params: { id }, query: { chatId } }, { api }) => {
      const messageId = namedMessage(id, chatId);
      const found = await api.getVerdict?.(chatId, messageId);
      if (!found) throw new RequestError(404, 'message/no-verdict', `there is no verdict on message ${messageId} of chat ${chatId} yet`);
      const reason = found.kind === 'failed' ? found.reason : undefined;
      return { chatId, messageId, verdict: found.kind, ...present({ reason }) };
    },
  }),
];
