import { z } from 'zod';
import { RequestError } from '../request-error.ts';
import { Answer, defineRoute, type RouteContext } from '../route.ts';
import { reply } from '../schemas/names.ts';

export const METRICS_PATH = '/metrics';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `metrics`';

export const metricsRoute = defineRoute({
  method: 'GET',
  path: METRICS_PATH,
  at: 'root',
  id: 'readMetrics',
  tag: 'reports',
  summary: 'Metrics of this process, as Prometheus reads them',
  contentType: 'text/plain',
  replies: { 200: reply(() => z.string()) },
  refusals: { 404: ['metrics/not-offered'] },
  handle: async (_asked, { metrics }: Pick<RouteContext, 'metrics'>) => {
    if (!metrics) throw new RequestError(404, 'metrics/not-offered', 'metrics are not offered here', { hint: HINT });
    const { contentType, text } = await metrics.read();
    return new Answer(200, text, { 'content-type': contentType });
  },
});
