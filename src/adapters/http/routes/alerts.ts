import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { alerts } from '../schemas/reports.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `listAlerts`';

export const alertRoutes = [
  defineRoute({
    method: 'GET',
    path: '/alerts',
    id: 'listAlerts',
    tag: 'reports',
    summary: 'What fires, what the rules have found, and what is silenced',
    replies: { 200: alerts },
    refusals: { 404: ['alerts/not-offered'] },
    handle: async (_asked, { api, views }) => {
      if (!api.listAlerts) throw new RequestError(404, 'alerts/not-offered', 'alerts are not offered here', { hint: HINT });
      return views.alerts(await api.listAlerts());
    },
  }),
];
