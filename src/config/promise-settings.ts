import { retryPolicy } from '../domain/promise/promise.ts';
import { DEFAULT_RETENTION_MS, workerSettings } from '../domain/promise/worker-settings.ts';
import { present } from '../domain/shared/present.ts';
import type { Config } from './config.ts';
import type { Environment } from './environment.ts';

/** One object for each role; the defaults stand with them, in the domain. */
export const readPromises = (env: Environment): Config['promises'] => ({
  retry: retryPolicy({ maxAttempts: env.PROMISE_MAX_ATTEMPTS, backoffMs: env.PROMISE_BACKOFF_SECONDS }),
  worker: readWorker(env),
  retentionMs: env.PROMISE_RETENTION_DAYS === undefined ? DEFAULT_RETENTION_MS : env.PROMISE_RETENTION_DAYS * DAY_MS,
});

const readWorker = (env: Environment): Config['promises']['worker'] => {
  const { attemptTimeoutMs: _, ...worker } = workerSettings({
    concurrency: env.PROMISE_CONCURRENCY,
    perTenant: env.PROMISE_WORKSPACE_CONCURRENCY,
    perType: present({
      code: env.PROMISE_CODE_CONCURRENCY,
      search: env.PROMISE_SEARCH_CONCURRENCY,
      analysis: env.PROMISE_ANALYSIS_CONCURRENCY,
    }),
    leaseMs: env.PROMISE_LEASE_SECONDS,
  });
  return worker;
};

const DAY_MS = 24 * 60 * 60 * 1000;
