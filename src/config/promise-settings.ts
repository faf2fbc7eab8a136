import type { Config } from './config.ts';
import type { Environment } from './environment.ts';

const DEFAULT_CONCURRENCY = 10;

export const readPromises = (env: Environment): Config['promises'] => {
  const concurrency = env.PROMISE_CONCURRENCY ?? DEFAULT_CONCURRENCY;
  const leaseMs = env.PROMISE_LEASE_SECONDS ?? 30_000;
  const { PROMISE_CODE_CONCURRENCY: code, PROMISE_SEARCH_CONCURRENCY: search, PROMISE_ANALYSIS_CONCURRENCY: analysis } = env;
  return {
    concurrency,
    // One that is busy leaves a fifth of a worker to all others.
    perTenant: env.PROMISE_WORKSPACE_CONCURRENCY ?? Math.ceil((concurrency * 4) / 5),
    perType: {
      ...(code === undefined ? {} : { code }),
      ...(search === undefined ? {} : { search }),
      ...(analysis === undefined ? {} : { analysis }),
    },
    leaseMs,
    // Two heartbeats may be late before a lease is lost.
    heartbeatMs: Math.floor(leaseMs / 3),
    maxAttempts: env.PROMISE_MAX_ATTEMPTS ?? 3,
    backoffMs: env.PROMISE_BACKOFF_SECONDS ?? 60_000,
    retentionMs: (env.PROMISE_RETENTION_DAYS ?? 7) * 24 * 60 * 60 * 1000,
  };
};
