import type { TaskType } from './promise.ts';

/** How a worker works: how much at once, and how long its leases last. */
export interface WorkerSettings {
  readonly concurrency: number;
  /** Promises of one tenant in progress at once, over all workers. Default: four fifths of `concurrency`. */
  readonly tenantConcurrency?: number;
  /** Promises of a type that this worker runs at once. Default: `concurrency`. */
  readonly typeConcurrency?: Readonly<Partial<Record<TaskType, number>>>;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The longest that one attempt may take. */
  readonly attemptTimeoutMs: number;
}

/** The settings that are given, and the defaults of the others: the only place where these defaults stand. */
export const workerSettings = ({
  concurrency = 10,
  // A busy tenant leaves a fifth of the slots to all others.
  tenantConcurrency = Math.ceil((concurrency * 4) / 5),
  typeConcurrency = {},
  leaseMs = 30_000,
  // Two heartbeats may be late before a lease is lost.
  heartbeatMs = Math.floor(leaseMs / 3),
  attemptTimeoutMs = 30 * 60_000,
}: { readonly [K in keyof WorkerSettings]?: WorkerSettings[K] | undefined } = {}): Required<WorkerSettings> => ({
  concurrency,
  tenantConcurrency,
  typeConcurrency,
  leaseMs,
  heartbeatMs,
  attemptTimeoutMs,
});

/** How long a settled promise is kept, unless told. */
export const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
