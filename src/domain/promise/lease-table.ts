import type { LeasedPromise, PromiseId, TaskType } from './promise.ts';
import { TASK_TYPES } from './promise.ts';

/** One run of a promise by this worker, and what the worker knows about its lease. Times in ms since 1970. */
export interface LeasedRun {
  readonly promise: LeasedPromise;
  /** Until then, as far as this worker knows, no other worker may run the promise. */
  readonly leasedUntil: number;
  /** The run is aborted then, unless its lease is renewed before. */
  readonly abortAt: number;
  /** The work is done; only its end is not recorded yet. */
  readonly isExecuted: boolean;
  /** The promise is no longer this worker's. */
  readonly isLost: boolean;
}

/** The runs that a decision changes: those that go on, as they are now, and those that must be aborted. */
export interface LeaseDecision<Run> {
  readonly kept: readonly Run[];
  readonly lost: readonly Run[];
}

/** The longest time that the storage may take to renew expired leases; then their runs are aborted. */
export const RENEWAL_ANSWER_MS = 2_000;

export const newRun = (promise: LeasedPromise): LeasedRun => ({
  promise,
  leasedUntil: promise.lease.expiresAt,
  abortAt: promise.lease.expiresAt,
  isExecuted: false,
  isLost: false,
});

/** Runs whose promises are this worker's, as far as it knows. */
export const heldRuns = <Run extends LeasedRun>(runs: Iterable<Run>): readonly Run[] => Array.from(runs).filter(({ isLost }) => !isLost);

/** Held runs whose work is not done. */
export const runsAtWork = <Run extends LeasedRun>(runs: Iterable<Run>): readonly Run[] =>
  heldRuns(runs).filter(({ isExecuted }) => !isExecuted);

/** Held runs whose lease has expired, as far as this worker knows. */
export const expiredRuns = <Run extends LeasedRun>(runs: Iterable<Run>, now: number): readonly Run[] =>
  heldRuns(runs).filter(({ leasedUntil }) => leasedUntil <= now);

/**
 * How many more runs may begin. An end that is being recorded takes no slot, as long as the storage keeps up: at most
 * `concurrency` ends wait for it.
 */
export const freeSlots = (runs: ReadonlySet<LeasedRun> | readonly LeasedRun[], concurrency: number): number => {
  const all = Array.from(runs);
  const recording = all.filter(({ isExecuted }) => isExecuted).length;
  return Math.min(concurrency, 2 * concurrency - recording) - (all.length - recording);
};

/** How many more runs of each limited type may begin. */
export const freeSlotsOf = (
  runs: Iterable<LeasedRun>,
  limits: Readonly<Partial<Record<TaskType, number>>>,
): Partial<Record<TaskType, number>> => {
  const busy = Array.from(runs).filter(({ isExecuted }) => !isExecuted);
  const free: Partial<Record<TaskType, number>> = {};
  for (const type of TASK_TYPES) {
    const limit = limits[type];
    if (limit !== undefined) free[type] = Math.max(0, limit - busy.filter(({ promise }) => promise.taskType === type).length);
  }
  return free;
};

/** The storage says which of these promises this worker holds. A run whose work is done is not aborted. */
export const afterCheck = <Run extends LeasedRun>(runs: readonly Run[], heldIds: readonly PromiseId[]): LeaseDecision<Run> => {
  const isHeld = ({ promise, isExecuted }: Run): boolean => isExecuted || heldIds.includes(promise.id);
  return { kept: runs.filter(isHeld), lost: runs.filter((run) => !isHeld(run)) };
};

/** The storage is asked to renew these leases: a run whose lease has expired waits for the answer, not longer. */
export const awaitingRenewal = <Run extends LeasedRun>(runs: readonly Run[], now: number): readonly Run[] =>
  runs.map((run) => (run.leasedUntil <= now ? { ...run, abortAt: now + RENEWAL_ANSWER_MS } : run));

/** The storage has renewed the leases of `renewedIds` for `leaseMs` from `now` on, and of no others. */
export const afterRenewal = <Run extends LeasedRun>(
  runs: readonly Run[],
  renewedIds: readonly PromiseId[],
  now: number,
  leaseMs: number,
): LeaseDecision<Run> => {
  const { kept, lost } = afterCheck(runs, renewedIds);
  const renewed = (run: Run): Run =>
    renewedIds.includes(run.promise.id) ? { ...run, leasedUntil: now + leaseMs, abortAt: now + leaseMs } : run;
  return { kept: kept.map(renewed), lost };
};

/** The storage did not answer: a run past its lease may be run by another worker by now. */
export const afterFailedRenewal = <Run extends LeasedRun>(runs: readonly Run[], now: number): LeaseDecision<Run> => ({
  kept: runs.filter(({ leasedUntil }) => leasedUntil > now),
  lost: runs.filter(({ leasedUntil }) => leasedUntil <= now),
});

/** What the timer for `nextAbortAt` is to do at `now`. */
export interface DueRuns<Run> {
  /** Abort these: their leases have expired, and were not renewed. */
  readonly lost: readonly Run[];
  /**
   * Ask the storage about these first. Their time passed long ago, so this process was suspended: that proves nothing
   * about the leases.
   */
  readonly unsure: readonly Run[];
}

export const dueRuns = <Run extends LeasedRun>(runs: Iterable<Run>, now: number): DueRuns<Run> => {
  const due = heldRuns(runs).filter(({ abortAt }) => abortAt <= now);
  const isLate = ({ abortAt }: Run): boolean => now - abortAt >= RENEWAL_ANSWER_MS;
  return { lost: due.filter((run) => !isLate(run)), unsure: due.filter(isLate) };
};

/** When a run is aborted next unless its lease is renewed; undefined if no run is held. */
export const nextAbortAt = (runs: Iterable<LeasedRun>): number | undefined => {
  const times = heldRuns(runs).map(({ abortAt }) => abortAt);
  return times.length > 0 ? Math.min(...times) : undefined;
};
