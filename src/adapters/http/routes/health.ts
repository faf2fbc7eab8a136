import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { HttpApi, ProbeDepth } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';
import { healthQuery, parse } from '../requests.ts';

/** The paths that whoever supervises the process asks again and again, without a token. */
export const SUPERVISED = ['/health', '/health/ready'];

/**
 * Whether the process answers, and whether it is ready. `mayRead`: whether the request may know more than that.
 */
export const mountHealth = (app: FastifyInstance, api: HttpApi, mayRead: (headers: IncomingHttpHeaders) => boolean): void => {
  mount(app, '/health', {
    // It answers, so it lives: who ends it for what its health says gains nothing.
    GET: async ({ headers }) => {
      const health = await api.health();
      return mayRead(headers) ? health : { status: health.status };
    },
  });
  mount(app, '/health/ready', {
    GET: async ({ headers }, reply) => {
      const { ready, reasons } = (await api.checkReadiness?.()) ?? { ready: true, reasons: [] };
      return reply.code(ready ? 200 : 503).send({ ready, ...(mayRead(headers) ? { reasons } : {}) });
    },
  });
};

/** Everything that was looked at: as checks, and as a report by agent and service. */
export const mountSystemHealth = (app: FastifyInstance, api: HttpApi, views: ApiViews): void => {
  mount(app, '/api/health', {
    GET: async ({ query, headers }) => {
      const depth: ProbeDepth = parse(healthQuery, query).deep ? deepFor(headers) : 'cheap';
      return (await api.checkSystem?.(depth)) ?? notOffered('checkSystem');
    },
  });
  mount(app, '/health/report', {
    GET: async ({ query, headers }) => {
      const deep = parse(healthQuery, query).deep && deepFor(headers) === 'deep';
      const report = (await api.reportSystem?.({ deep })) ?? notOffered('reportSystem');
      return views.systemReport(report);
    },
  });
};

/** What costs money is not for the pages of others: a browser sends such a request for any page that names it. */
const deepFor = (headers: IncomingHttpHeaders): 'deep' => {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return 'deep';
  throw new RequestError(403, 'http/forbidden-origin', 'another site may not ask for what costs money', { hint: 'ask without deep' });
};

const notOffered = (method: string): never => {
  throw new RequestError(404, 'health/not-offered', 'this is not offered here', {
    hint: `the host of this server gives it no \`${method}\``,
  });
};
