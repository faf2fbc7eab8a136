import { z } from 'zod';
import { chatId, DEFAULT_LOCAL_CHAT, messageId, type OutboxId, userId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { DecidePairingRefusal, HttpApi } from '../../../ports/index.ts';
import { pagesOf } from '../cursors.ts';
import { anyChat, by, limit, NO_QUERY, params, promiseParams, query, single } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { wire } from '../schemas/names.ts';
import { access, chats, conversation, pairing, pairings, people, promiseDetail } from '../schemas/operator.ts';
import { refused } from './refused.ts';

const MAX_WORDS_LENGTH = 200;
const NOT_OFFERED = { 404: ['desk/not-offered'] };

/** What the host of a library may leave out. */
const offered = <Name extends keyof HttpApi>(api: HttpApi, name: Name): NonNullable<HttpApi[Name]> => {
  const method = api[name];
  if (method) return method;
  throw new RequestError(404, 'desk/not-offered', 'this is not offered here', { hint: `the host of this server gives it no \`${name}\`` });
};

/** Words that are looked for. */
export const words = single
  .refine((text) => text.length <= MAX_WORDS_LENGTH, { error: `may have ${MAX_WORDS_LENGTH} characters` })
  .register(wire, { maxLength: MAX_WORDS_LENGTH });
const somebody = single.transform(by(userId)).register(wire, { description: 'A person, by their id', examples: ['telegram:501'] });

type Decided = ReturnType<NonNullable<HttpApi['approvePairing']>>;

const decide = <Name extends 'code' | 'person', Named>(
  verb: 'approve' | 'revoke',
  name: Name,
  {
    schema,
    summary,
    refusals,
    act,
  }: {
    readonly schema: z.ZodType<Named>;
    readonly summary: string;
    readonly refusals: readonly DecidePairingRefusal['code'][];
    readonly act: (api: HttpApi, named: Named) => Decided;
  },
) =>
  defineRoute({
    method: 'POST',
    path: `/pairings/:${name}/${verb}`,
    id: `${verb}Pairing`,
    tag: 'desk',
    summary,
    params: params({ [name]: schema }),
    replies: { 200: pairing },
    refusals: { 404: ['desk/not-offered', 'pairing/not-found'], 409: refusals },
    handle: async ({ params: asked }, { api, views }) => {
      const decided = await act(api, asked[name] as Named);
      if (!decided.ok) throw refused(decided.error);
      return views.pairing(decided.value);
    },
  });

const chatPages = pagesOf('chats', z.object({ lastAt: z.number(), chatId: z.string().transform(by(chatId)) }), {
  lastAt: 0,
  chatId: DEFAULT_LOCAL_CHAT,
});
const conversationPages = pagesOf(
  'conversation',
  z.object({
    beforeMessage: z.string().transform(by(messageId)).exactOptional(),
    beforeReply: z
      .int()
      .positive()
      .transform((id) => id as OutboxId)
      .exactOptional(),
  }),
  {},
);

export const operatorRoutes = [
  defineRoute({
    method: 'GET',
    path: '/chats',
    id: 'listChats',
    tag: 'desk',
    summary: 'The chats of every gateway, the latest first',
    query: query({ text: words.optional(), limit, cursor: chatPages.cursor }),
    replies: { 200: chats },
    refusals: NOT_OFFERED,
    handle: async ({ query: { text, limit, cursor: behind } }, { api, views }) => {
      const found = await offered(api, 'listChats')({ limit: limit + 1, ...present({ text, behind }) });
      const { items, rest } = chatPages.page(found.chats, { limit, placeOf: ({ lastAt, chat }) => ({ lastAt, chatId: chat.id }) });
      return { ...views.chats({ ...found, chats: items }), ...rest };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/chats/:chatId/messages',
    id: 'readConversation',
    tag: 'desk',
    summary: 'What came from a chat and what was said to it, the newest or those before a place',
    params: params({ chatId: anyChat }),
    query: query({ limit, cursor: conversationPages.cursor }),
    replies: { 200: conversation },
    refusals: NOT_OFFERED,
    handle: async ({ params: { chatId }, query: { cursor = {}, limit } }, { api, views }) => {
      const page = await offered(api, 'readConversation')({ chatId, limit, ...cursor });
      return { ...views.conversation(page), ...conversationPages.behind(page.earlier) };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/promises/:id/detail',
    id: 'tellPromise',
    tag: 'desk',
    summary: 'All that is known of a promise: its steps, its cost, what was said of it, and what it waits for',
    params: promiseParams,
    query: NO_QUERY,
    replies: { 200: promiseDetail },
    refusals: { 404: ['desk/not-offered', 'promise/not-found'] },
    handle: async ({ params: { id } }, { api, views }) => {
      const found = await offered(api, 'tellPromise')(id);
      if (!found) throw refused({ code: 'promise/not-found', message: `there is no promise #${id}` });
      return views.promiseDetail(found);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/people',
    id: 'listPeople',
    tag: 'desk',
    summary: 'Everybody whom the configuration names or an owner has let in, and every workspace',
    query: NO_QUERY,
    replies: { 200: people },
    refusals: NOT_OFFERED,
    handle: async (_asked, { api }) => offered(api, 'listPeople')(),
  }),
  defineRoute({
    method: 'GET',
    path: '/access',
    id: 'tellAccess',
    tag: 'desk',
    summary: 'What a person, chat or workspace may do, and by which rule',
    query: query({ subject: words }),
    replies: { 200: access },
    refusals: { 404: ['desk/not-offered'], 409: ['access/unknown', 'access/ambiguous'] },
    handle: async ({ query: { subject } }, { api, views }) => {
      const found = await offered(api, 'tellAccess')(subject);
      if (!found.ok) throw refused(found.error);
      return views.access(found.value);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/pairings',
    id: 'listPairings',
    tag: 'desk',
    summary: 'Who asks to be let in, and whom an owner has let in, newest first',
    query: query({ limit }),
    replies: { 200: pairings },
    refusals: NOT_OFFERED,
    handle: async ({ query: { limit } }, { api, views }) => ({
      pairings: (await offered(api, 'listPairings')({ limit })).map(views.pairing),
    }),
  }),
  decide('approve', 'code', {
    schema: single,
    summary: 'Lets the person in to whom the code belongs',
    refusals: ['pairing/too-many', 'pairing/off', 'pairing/expired', 'pairing/already-paired'],
    act: (api, code) => offered(api, 'approvePairing')(code),
  }),
  decide('revoke', 'person', {
    schema: somebody,
    summary: 'Takes it back that a person was let in, or says no',
    refusals: ['pairing/already-revoked'],
    act: (api, person) => offered(api, 'revokePairing')(person),
  }),
];
