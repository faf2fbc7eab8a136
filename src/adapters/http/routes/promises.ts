import { PROMISE_STATUSES, promiseId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import { numberedPages } from '../cursors.ts';
import { anyChat, limit, promiseParams, query, wordsAmong } from '../inputs.ts';
import { defineRoute } from '../route.ts';
import { promise, promises } from '../schemas/promise.ts';
import { words } from './operator.ts';
import { refused } from './refused.ts';

const pages = numberedPages('promises', promiseId);
const NOT_FOUND = { 404: ['promise/not-found'] };

const change = (
  verb: 'cancel' | 'retry',
  change: (api: HttpApi) => HttpApi['cancelPromise'] | HttpApi['retryPromise'],
  { summary, codes }: { readonly summary: string; readonly codes: readonly string[] },
) =>
  defineRoute({
    method: 'POST',
    path: `/promises/:id/${verb}`,
    id: `${verb}Promise`,
    tag: 'promises',
    summary,
    params: promiseParams,
    replies: { 200: promise },
    refusals: { ...NOT_FOUND, 409: codes },
    handle: async ({ params: { id }, once }, { api, views }) => {
      const outcome = await change(api)(id, { once });
      if (!outcome.ok) throw refused(outcome.error);
      return views.promise(outcome.value);
    },
  });

export const promiseRoutes = [
  defineRoute({
    method: 'GET',
    path: '/promises',
    id: 'listPromises',
    tag: 'promises',
    summary: 'Promises, newest first',
    description: 'A search may come back with few promises, or none, and still have a `next`: each request looks at so many at the most.',
    query: query({
      status: wordsAmong(PROMISE_STATUSES),
      chatId: anyChat.optional(),
      limit,
      workspace: words.optional(),
      agent: words.optional(),
      text: words.optional(),
      cursor: pages.cursor,
    }),
    replies: { 200: promises },
    handle: async ({ query: { status, chatId, workspace, agent, text, cursor: before, limit } }, { api, views }) => {
      const about = present({ statuses: status, chatId, workspace, before });
      if (api.pagePromises) {
        const { promises, next } = await api.pagePromises({ limit, ...about, ...present({ agent, text }) });
        return { promises: promises.map(views.promise), ...pages.behind(next) };
      }
      const { items, rest } = pages.page(await api.listPromises({ limit: limit + 1, ...about }), { limit, placeOf: ({ id }) => id });
      return { promises: items.map(views.promise), ...rest };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/promises/:id',
    id: 'getPromise',
    tag: 'promises',
    summary: 'One promise',
    params: promiseParams,
    replies: { 200: promise },
    refusals: NOT_FOUND,
    handle: async ({ params: { id } }, { api, views }) => {
      const found = await api.getPromise(id);
      if (!found) throw refused({ code: 'promise/not-found', message: `there is no promise #${id}` });
      return views.promise(found);
    },
  }),
  change('cancel', (api) => api.cancelPromise, { summary: 'Cancels the promise', codes: ['promise/already-settled'] }),
  change('retry', (api) => api.retryPromise, {
    summary: 'Tries a promise again that failed or was cancelled',
    codes: ['promise/not-settled', 'promise/lease-held'],
  }),
];
