import { DEFAULT_APPROVAL_MS } from '../../domain/approval/limits.ts';
import { type Budget, DEFAULT_WARN_AT, microUsd } from '../../domain/budget/money.ts';
import { type RetryPolicy, retryPolicy } from '../../domain/promise/promise.ts';
import { DEFAULT_RETENTION_MS, type WorkerSettings, workerSettings } from '../../domain/promise/worker-settings.ts';
import { present } from '../../domain/shared/present.ts';
import type { Values } from '../section.ts';
import { dollars, seconds, wholeNumber } from '../variable-kinds.ts';

export const promiseVariables = {
  PROMISE_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_WORKSPACE_CONCURRENCY: wholeNumber(1, 100_000),
  PROMISE_CODE_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_SEARCH_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_ANALYSIS_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_MAX_ATTEMPTS: wholeNumber(1, 100),
  PROMISE_BACKOFF_SECONDS: seconds(0, 86_400),
  PROMISE_LEASE_SECONDS: seconds(0.5, 86_400),
  PROMISE_RETENTION_DAYS: wholeNumber(1, 3_650),
  KEPT_PROMISE_USD: dollars(0, 1_000),
  KEPT_APPROVAL_HOURS: wholeNumber(1, 720),
};

export interface PromiseSettings {
  /** The retry policy of new promises and schedules. */
  readonly retry: RetryPolicy;
  /** The time limit of one attempt can't be configured. */
  readonly worker: Omit<Required<WorkerSettings>, 'attemptTimeoutMs'>;
  /** How long a settled promise is stored. */
  readonly retentionMs: number;
  /** What one promise may cost, where no budget says less. Absent: what budgets leave. */
  readonly budget?: Budget;
  /** How long an approval waits for a decision. */
  readonly approvalMs: number;
}

/** One object for each role; the defaults stand with them, in the domain. */
export const readPromises = (env: Values<typeof promiseVariables>): PromiseSettings => ({
  retry: retryPolicy({ maxAttempts: env.PROMISE_MAX_ATTEMPTS, backoffMs: env.PROMISE_BACKOFF_SECONDS }),
  worker: readWorker(env),
  ...present({ budget: budgetOf(env.KEPT_PROMISE_USD) }),
  approvalMs: env.KEPT_APPROVAL_HOURS === undefined ? DEFAULT_APPROVAL_MS : env.KEPT_APPROVAL_HOURS * HOUR_MS,
  retentionMs: env.PROMISE_RETENTION_DAYS === undefined ? DEFAULT_RETENTION_MS : env.PROMISE_RETENTION_DAYS * DAY_MS,
});

const readWorker = (env: Values<typeof promiseVariables>): PromiseSettings['worker'] => {
  const { attemptTimeoutMs: _, ...worker } = workerSettings({
    concurrency: env.PROMISE_CONCURRENCY,
    tenantConcurrency: env.PROMISE_WORKSPACE_CONCURRENCY,
    typeConcurrency: present({
      code: env.PROMISE_CODE_CONCURRENCY,
      search: env.PROMISE_SEARCH_CONCURRENCY,
      analysis: env.PROMISE_ANALYSIS_CONCURRENCY,
    }),
    leaseMs: env.PROMISE_LEASE_SECONDS,
  });
  return worker;
};

const budgetOf = (usd: number | undefined): Budget | undefined => {
  const perPromise = usd === undefined ? undefined : microUsd(usd);
  return perPromise === undefined ? undefined : { perPromise, warnAt: DEFAULT_WARN_AT, path: 'KEPT_PROMISE_USD' };
};

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
