import type { FastifyInstance } from 'fastify';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';
import { parse, usageQuery } from '../requests.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `reportUsage`';

/** What was used, and what it cost. */
export const mountUsage = (app: FastifyInstance, api: HttpApi, views: ApiViews): void =>
  mount(app, '/api/usage', {
    GET: async ({ query }) => {
      const { chatId, since, by, limit } = parse(usageQuery, query);
      if (!api.reportUsage) throw new RequestError(404, 'usage/not-offered', 'usage is not offered here', { hint: HINT });
      return views.usage(await api.reportUsage({ limit, ...present({ chatId, since, by }) }));
    },
  });
