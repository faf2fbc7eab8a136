import type { FastifyInstance } from 'fastify';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';
import { parse, usageQuery } from '../requests.ts';

/** What was used, and what it cost. */
export const mountUsage = (app: FastifyInstance, api: HttpApi, views: ApiViews): void =>
  mount(app, '/api/usage', {
    GET: async ({ query }) => {
      const { chatId, since, by, limit } = parse(usageQuery, query);
      const report = await api.reportUsage?.({ limit, ...present({ chatId, since, by }) });
      if (!report) throw new RequestError(404, 'usage/not-found', 'nobody keeps a ledger here');
      return views.usage(report);
    },
  });
