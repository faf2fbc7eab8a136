import { query, wholeNumber } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { processes } from '../schemas/desk.ts';

const MAX_PROCESSES = 200;

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `listProcesses`';

export const processRoutes = [
  defineRoute({
    method: 'GET',
    path: '/processes',
    id: 'listProcesses',
    tag: 'health',
    summary: 'The processes on this storage, wherever they run, with their signs of life',
    query: query({ limit: wholeNumber(1, MAX_PROCESSES).default(MAX_PROCESSES) }),
    replies: { 200: processes },
    refusals: { 404: ['processes/not-offered'] },
    handle: async ({ query: { limit } }, { api, views }) => {
      if (!api.listProcesses) throw new RequestError(404, 'processes/not-offered', 'there is no register of processes', { hint: HINT });
      return views.processes(await api.listProcesses(), limit);
    },
  }),
];
