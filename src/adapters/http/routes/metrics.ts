import type { FastifyInstance } from 'fastify';
import type { Metrics } from '../../../ports/index.ts';
import { mount } from '../mount.ts';
import { RequestError } from '../request-error.ts';

export const METRICS_PATH = '/metrics';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `metrics`';

/** Metrics of this process, as Prometheus reads them. */
export const mountMetrics = (app: FastifyInstance, metrics: Metrics | undefined): void =>
  mount(app, METRICS_PATH, {
    GET: async (_request, reply) => {
      if (!metrics) throw new RequestError(404, 'metrics/not-offered', 'metrics are not offered here', { hint: HINT });
      const { contentType, text } = await metrics.read();
      return reply.header('content-type', contentType).send(text);
    },
  });
