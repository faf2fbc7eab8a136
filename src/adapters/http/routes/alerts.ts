import type { FastifyInstance } from 'fastify';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `listAlerts`';

/** What fires, what was found, and what is silenced. */
export const mountAlerts = (app: FastifyInstance, api: HttpApi, views: ApiViews): void =>
  mount(app, '/api/alerts', {
    GET: async () => {
      if (!api.listAlerts) throw new RequestError(404, 'alerts/not-offered', 'alerts are not offered here', { hint: HINT });
      return views.alerts(await api.listAlerts());
    },
  });
