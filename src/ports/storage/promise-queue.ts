import type { LeasedPromise, PromiseId, TaskType } from '../../domain/promise/promise.ts';

export interface ClaimRequest {
  readonly workerId: string;
  readonly now: number;
  readonly leaseMs: number;
  readonly limit: number;
  /**
   * How many promises of one tenant may be in progress at once, over all workers; what is due beyond that MUST NOT hold
   * up other tenants.
   */
  readonly perTenant?: number;
  /**
   * How many of a type this claim may bring, `limit` where it does not say. A type with no room MUST NOT hold up the
   * others.
   */
  readonly room?: Readonly<Partial<Record<TaskType, number>>>;
}

export type EndedRun = Pick<LeasedPromise, 'id' | 'attempts'>;

/**
 * Hands due promises to workers. MUST never let two workers hold one promise at a time. Every time is the caller's: an
 * engine that goes by a clock of its own MUST translate the times of leases, here and in its stores.
 */
export interface PromiseQueue {
  /**
   * Starts (see `transition`) up to `limit` promises for `workerId`: due ones, and those whose lease has run out;
   * whatever their task type by priority, of one priority those first that were made, or fell due, first. MUST equal
   * what `transition` with `start` gives. Fewer than `limit` does not mean that no more are due.
   */
  claim(request: ClaimRequest): Promise<readonly LeasedPromise[]>;
  /**
   * Extends the leases that this worker still holds, and resolves to their ids: the others are lost or cancelled.
   * MUST NOT shorten a lease: a call may arrive late, or after the clock was put back, while the worker counts on the
   * lease that it has.
   */
  heartbeat(request: {
    readonly workerId: string;
    readonly ids: readonly PromiseId[];
    readonly now: number;
    readonly leaseMs: number;
  }): Promise<readonly PromiseId[]>;
  /** Which of these this worker still holds. Reads only. */
  stillLeased(workerId: string, ids: readonly PromiseId[]): Promise<readonly PromiseId[]>;
  /** The workers that leases name, also those of which settled promises keep a lease. */
  leaseHolders(): Promise<readonly string[]>;
  /**
   * Ends the leases of workers that are known to be dead, without waiting for them to run out: what they held may be
   * claimed from `now` on, and of what settled over their heads the lease is gone. MUST NOT count as a change of
   * version.
   */
  endLeases(workerIds: readonly string[], now: number): Promise<void>;
  /**
   * These runs of this worker, each named by its promise and attempt, have ended: of those whose promise settled over
   * its head, the lease is gone. MUST change nothing else, and MUST NOT count as a change of version.
   */
  releaseLeases(workerId: string, runs: readonly EndedRun[]): Promise<void>;
  /** When the next promise may be claimed: the earliest due time or end of a lease; undefined when there is none. */
  nextDueAt(): Promise<number | undefined>;
}
