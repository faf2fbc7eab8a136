import type { Config, ConfigProblem } from '../config/index.ts';

/** Why nobody answers at `KEPT_METRICS_PORT`, if the HTTP server at `url` does; undefined where nobody is to. */
export const unusedMetricsPort = (url: string | undefined, { http: { metricsPort } }: Pick<Config, 'http'>): ConfigProblem | undefined =>
  url === undefined || metricsPort === undefined
    ? undefined
    : {
        severity: 'warning',
        place: 'KEPT_METRICS_PORT',
        problem: `this process does not listen at KEPT_METRICS_PORT (${metricsPort}): its metrics are at ${url}/metrics`,
        hint: `let Prometheus read ${url}/metrics; only a process without the HTTP server, such as a worker, uses that port`,
      };
