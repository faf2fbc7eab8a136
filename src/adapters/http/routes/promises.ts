import type { FastifyInstance } from 'fastify';
import type { PromiseId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { idParams, parse, promisesQuery } from '../requests.ts';
import { refused } from './refused.ts';

/** The list of promises, one of them, and what may be done with it. */
export const mountPromises = (app: FastifyInstance, api: HttpApi, views: ApiViews): void => {
  mount(app, '/api/promises', {
    GET: async ({ query }) => {
      const { status, chatId, limit } = parse(promisesQuery, query);
      const found = await api.listPromises({ limit, ...present({ statuses: status, chatId }) });
      return { promises: found.map(views.promise) };
    },
  });
  mount(app, '/api/promises/:id', {
    GET: async ({ params }) => {
      const { id } = parse(idParams, params);
      const found = await api.getPromise(id);
      if (!found) throw refused({ code: 'promise/not-found', message: `there is no promise #${id}` });
      return views.promise(found);
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
        return views.promise(outcome.value);
      },
    });
};
