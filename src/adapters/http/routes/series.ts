import { present } from '../../../domain/shared/present.ts';
import { query } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { series } from '../schemas/desk.ts';
import { sinceWhen } from './stats.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `reportSeries`';

export const seriesRoutes = [
  defineRoute({
    method: 'GET',
    path: '/stats/series',
    id: 'reportSeries',
    tag: 'reports',
    summary: 'How often things were done, how long they took, what waited and what it cost, over time',
    description: 'Goes back eight days at the most; there are at most 200 steps.',
    query: query({ since: sinceWhen.optional() }),
    replies: { 200: series },
    refusals: { 404: ['stats/not-offered'] },
    handle: async ({ query: { since } }, { api, views }) => {
      if (!api.reportSeries) throw new RequestError(404, 'stats/not-offered', 'stats are not offered here', { hint: HINT });
      return views.series(await api.reportSeries(present({ since })));
    },
  }),
];
