import type { TaskType } from './promise.ts';

/** How a worker works: how much at once, and how long its leases last. */
export interface WorkerSettings {
  readonly concurrency: number;
  /**
   * Promises of one tenant in progress at once, over all workers; as many as there are workers for, where it does not
   * say.
   */
  readonly perTenant?: number;
  /** Promises of a type that this worker runs side by side; `concurrency` where it does not say. */
  readonly perType?: Readonly<Partial<Record<TaskType, number>>>;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The longest that one attempt may take. */
  readonly attemptTimeoutMs: number;
}

/** The settings that are given, and the defaults of the others: the only place where these defaults stand. */
export const workerSettings = ({
  concurrency = 10,
  // One that is busy leaves a fifth of a worker to all others.
  perTenant = Math.ceil((concurrency * 4) / 5),
  perType = {},
  leaseMs = 30_000,
  // Two heartbeats may be late before a lease is lost.
  heartbeatMs = Math.floor(leaseMs / 3),
  attemptTimeoutMs = 30 * 60_000,
}: { readonly [K in keyof WorkerSettings]?: WorkerSettings[K] | undefined } = {}): Required<WorkerSettings> => ({
  concurrency,
  perTenant,
  perType,
  leaseMs,
  heartbeatMs,
  attemptTimeoutMs,
});

/** How long a settled promise is kept, unless told. */
export const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
