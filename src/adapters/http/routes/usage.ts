import { USAGE_GROUPS } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { anyChat, limit, query, time, wordAmong } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { usage } from '../schemas/reports.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `reportUsage`';

export const usageRoutes = [
  defineRoute({
    method: 'GET',
    path: '/usage',
    id: 'reportUsage',
    tag: 'reports',
    summary: 'What was used, and what it cost, by day unless told otherwise',
    query: query({ by: wordAmong(USAGE_GROUPS), since: time.optional(), chatId: anyChat.optional(), limit }),
    replies: { 200: usage },
    refusals: { 404: ['usage/not-offered'] },
    handle: async ({ query: { chatId, since, by, limit } }, { api, views }) => {
      if (!api.reportUsage) throw new RequestError(404, 'usage/not-offered', 'usage is not offered here', { hint: HINT });
      return views.usage(await api.reportUsage({ limit, ...present({ chatId, since, by }) }));
    },
  }),
];
