import type { FastifyInstance } from 'fastify';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';
import { parse, statsQuery } from '../requests.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `reportStats`';

/** How often things were done, how often they worked, and how long they took. */
export const mountStats = (app: FastifyInstance, api: HttpApi, views: ApiViews): void =>
  mount(app, '/api/stats', {
    GET: async ({ query }) => {
      const { since, by } = parse(statsQuery, query);
      if (!api.reportStats) throw new RequestError(404, 'stats/not-offered', 'stats are not offered here', { hint: HINT });
      return views.stats(await api.reportStats(present({ since, by })));
    },
  });
