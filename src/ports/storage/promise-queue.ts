import type { LeasedPromise, PromiseId, TaskType } from '../../domain/promise/promise.ts';

export interface ClaimRequest {
  readonly workerId: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
  /**
   * How many promises of one tenant may be in progress at once, over all workers. Further due promises of that tenant
   * MUST NOT delay other tenants. Default: any number.
   */
  readonly tenantConcurrency?: number;
  /**
   * How many promises of each type this claim may start. Default: `limit`. A type without capacity MUST NOT delay the
   * others.
   */
  readonly capacity?: Readonly<Partial<Record<TaskType, number>>>;
}

export type EndedRun = Pick<LeasedPromise, 'id' | 'attempts'>;

/**
 * Hands due promises to workers. MUST never let two workers hold one promise at a time. All times are the caller's: an
 * engine that uses a clock of its own MUST translate lease times, here and in its stores.
 */
export interface PromiseQueue {
  /**
   * Starts up to `limit` promises for `workerId`: due promises, and promises whose lease has expired. They come by
   * priority, whatever their task type; promises of equal priority come in the order in which they were made or became
   * due. MUST equal what `transition` with `start` gives. A result shorter than `limit` does not mean that no more are
   * due.
   */
  claim(request: ClaimRequest): Promise<readonly LeasedPromise[]>;
  /**
   * Extends the leases that this worker still holds, and resolves to the ids of their promises. Promises that are
   * missing in the result are lost to another worker, or cancelled. MUST NOT shorten a lease: a call may arrive late,
   * or after the clock was set back, and the worker relies on the lease that it has.
   */
  heartbeat(request: {
    readonly workerId: string;
    readonly ids: readonly PromiseId[];
    readonly now: number;
    readonly leaseMs: number;
  }): Promise<readonly PromiseId[]>;
  /** Which of these this worker still holds. Reads only. */
  stillLeased(workerId: string, ids: readonly PromiseId[]): Promise<readonly PromiseId[]>;
  /** The workers named in leases, including leases that settled promises keep. */
  leaseHolders(): Promise<readonly string[]>;
  /**
   * Ends the leases of workers that are known to be dead, without waiting until they expire. Their running promises may
   * be claimed from `now` on; promises that settled while running lose the lease that they keep. MUST NOT count as a
   * change of version.
   */
  endLeases(workerIds: readonly string[], now: number): Promise<void>;
  /**
   * Tells that these runs of this worker, each named by its promise and attempt, have ended. A promise that settled
   * while it was running loses the lease that it keeps. MUST change nothing else, and MUST NOT count as a change of
   * version.
   */
  releaseLeases(workerId: string, runs: readonly EndedRun[]): Promise<void>;
  /** When the next promise may be claimed: the earliest due time or end of a lease. Undefined if there is none. */
  nextDueAt(): Promise<number | undefined>;
}
