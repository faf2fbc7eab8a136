import type { IncomingHttpHeaders } from 'node:http';
import type { ProbeDepth } from '../../../ports/index.ts';
import { flag, query } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { Answer, defineRoute } from '../route.ts';
import { checks, health, liveness, readiness } from '../schemas/health.ts';
import { systemReport } from '../schemas/reports.ts';

/** The paths that whoever supervises the process asks again and again, without a token. */
export const SUPERVISED = ['/health', '/health/ready'];

const deepQuery = query({ deep: flag });
const refusals = { 403: ['http/forbidden-origin'], 404: ['health/not-offered'] };

export const healthRoutes = [
  defineRoute({
    method: 'GET',
    path: '/health',
    at: 'root',
    id: 'getHealth',
    tag: 'health',
    summary: 'Whether the process lives',
    needsToken: false,
    replies: { 200: health },
    // It answers, so it lives: who ends it for what its health says gains nothing.
    handle: async ({ isTrusted }, { api }) => {
      const found = await api.health();
      return isTrusted ? found : { status: found.status };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/health/ready',
    at: 'root',
    id: 'getReadiness',
    tag: 'health',
    summary: 'Whether the process can answer people and store',
    needsToken: false,
    replies: { 200: readiness, 503: readiness },
    handle: async ({ isTrusted }, { api }) => {
      const { ready, reasons } = (await api.checkReadiness?.()) ?? { ready: true, reasons: [] };
      return new Answer(ready ? 200 : 503, { ready, ...(isTrusted ? { reasons } : {}) });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/health',
    id: 'listChecks',
    tag: 'health',
    summary: 'Every check of this process',
    description: '`deep` also asks the agents a test question, which costs money: once a minute at the most.',
    query: deepQuery,
    replies: { 200: checks },
    refusals,
    handle: async ({ query: { deep }, headers }, { api }) => {
      const depth: ProbeDepth = deep ? deepFor(headers) : 'cheap';
      return (await api.checkSystem?.(depth)) ?? notOffered('checkSystem');
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/health/report',
    at: 'root',
    id: 'reportSystem',
    tag: 'health',
    summary: 'The whole system by agent and service',
    description: '`deep` also asks each agent a test question, which costs money: once a minute at the most.',
    query: deepQuery,
    replies: { 200: systemReport },
    refusals,
    handle: async ({ query, headers }, { api, views }) => {
      const deep = query.deep && deepFor(headers) === 'deep';
      const report = (await api.reportSystem?.({ deep })) ?? notOffered('reportSystem');
      return views.systemReport(report);
    },
  }),
];

/** Of a process that has no API: whoever supervises it asks it as a bot is asked. */
export const livenessRoute = defineRoute({
  method: 'GET',
  path: '/health',
  at: 'root',
  id: 'getLiveness',
  tag: 'health',
  summary: 'Whether the process lives',
  needsToken: false,
  replies: { 200: liveness },
  handle: async (_asked, _context: object) => ({ status: 'healthy' as const }),
});

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
