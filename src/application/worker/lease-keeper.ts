import {
  afterCheck,
  afterFailedRenewal,
  afterRenewal,
  awaitingRenewal,
  dueRuns,
  expiredRuns,
  freeSlots,
  freeSlotsOf,
  heldRuns,
  type LeaseDecision,
  type LeasedRun,
  newRun,
  nextAbortAt,
  runsAtWork,
} from '../../domain/promise/lease-table.ts';
import type { LeasedPromise, PromiseId, TaskType } from '../../domain/promise/promise.ts';
import type { WorkerSettings } from '../../domain/promise/worker-settings.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { PromiseQueue } from '../../ports/storage/promise-queue.ts';

/** Runs an attempt. `lost` aborts when the promise is no longer this worker's; `onExecuted`: only its end is left. */
export type RunAttempt = (promise: LeasedPromise, lost: AbortSignal, onExecuted: () => void) => Promise<void>;

interface Run extends LeasedRun {
  readonly key: number;
  readonly lost: AbortController;
  readonly done: Promise<void>;
}

const EXPIRED = 'its lease ran out and could not be renewed';
const NOT_HELD = 'it was cancelled, is past its deadline, or another worker runs it';

/**
 * The runs of one worker and their leases: renews leases, and aborts a run whose promise is not this worker's any more.
 * What is decided when stands in `domain/promise/lease-table.ts`; here are the timers and the calls.
 */
export const makeLeaseKeeper = (deps: {
  readonly workerId: string;
  readonly queue: Pick<PromiseQueue, 'heartbeat' | 'stillLeased'>;
  readonly clock: Clock;
  readonly events: Events;
  readonly settings: WorkerSettings;
  readonly attempt: RunAttempt;
  /** Called when a slot may have become free. */
  readonly onFree: () => void;
}) => {
  const { workerId, queue, clock, events, settings } = deps;
  const { leaseMs } = settings;
  const runs = new Map<number, Run>();
  let keys = 0;

  const store = (changed: readonly Run[]): void => {
    for (const run of changed) if (runs.has(run.key)) runs.set(run.key, run);
    armAbort();
  };
  const currently = (those: readonly Run[]): readonly Run[] => those.flatMap(({ key }) => runs.get(key) ?? []);

  const alarm = makeAlarm(clock, () => abortDue());
  const armAbort = (): void => alarm.set(nextAbortAt(runs.values()));

  const abortDue = (): void => {
    const now = clock.now();
    const { lost, unsure } = dueRuns(runs.values(), now);
    drop(lost, EXPIRED);
    if (unsure.length > 0) renew(expiredRuns(runs.values(), now), now).catch(heartbeatFailed);
    armAbort();
  };

  const drop = (lost: readonly Run[], reason: string): void => {
    for (const { promise, isExecuted, isLost, lost: controller } of lost) {
      const { id, attempts, chatId } = promise;
      // Of an executed run only the end is left: the storage says whose promise it is.
      if (!isExecuted && !isLost) events.emit({ type: 'promise-run-aborted', promiseId: id, attempt: attempts, chatId, reason });
      controller.abort();
    }
    store(lost.map((run) => ({ ...run, isLost: true })));
  };
  const apply = ({ kept, lost }: LeaseDecision<Run>, reason: string): void => {
    store(kept);
    drop(lost, reason);
  };

  const renew = async (those: readonly Run[], now: number): Promise<void> => {
    store(awaitingRenewal(those, now));
    try {
      const renewed = await queue.heartbeat({ workerId, ids: idsOf(those), now, leaseMs });
      apply(afterRenewal(currently(those), renewed, now, leaseMs), NOT_HELD);
    } catch (error) {
      apply(afterFailedRenewal(currently(those), clock.now()), EXPIRED);
      throw error;
    }
  };

  const heartbeat = makeHeartbeat(clock, settings.heartbeatMs, async () => {
    const held = heldRuns(runs.values());
    if (held.length > 0) await renew(held, clock.now()).catch(heartbeatFailed);
  });
  const heartbeatFailed = (error: unknown): void => events.emit({ type: 'heartbeat-failed', reason: reasonOf(error), error });

  const run = (promise: LeasedPromise): void => {
    const key = ++keys;
    const lost = new AbortController();
    // An earlier run of this promise may not have ended: its lease expired, or it was cancelled and tried again.
    const earlier = [...runs.values()].flatMap((other) => (other.promise.id === promise.id ? [other.done] : []));
    const onExecuted = (): void => {
      const current = runs.get(key);
      if (current) runs.set(key, { ...current, isExecuted: true });
      deps.onFree();
    };
    const done = Promise.all(earlier)
      .then(() => deps.attempt(promise, lost.signal, onExecuted))
      .finally(() => {
        runs.delete(key);
        // An alarm that comes too early finds nothing due, and is set again.
        if (runs.size === 0) armAbort();
        deps.onFree();
      });
    runs.set(key, { ...newRun(promise), key, lost, done });
  };

  /** If the answer to a claim took longer than the lease, another worker may run the promise: the storage is asked. */
  const runClaimed = async (claimed: readonly LeasedPromise[]): Promise<void> => {
    const now = clock.now();
    for (const promise of claimed) if (promise.lease.expiresAt > now) run(promise);
    if (claimed.length > 0) armAbort();
    const expired = claimed.filter(({ lease }) => lease.expiresAt <= now);
    if (expired.length === 0) return;
    const ids = await queue.heartbeat({ workerId, ids: expired.map(({ id }) => id), now, leaseMs });
    const renewed = expired.filter(({ id }) => ids.includes(id));
    await runClaimed(renewed.map((promise) => ({ ...promise, lease: { ...promise.lease, expiresAt: now + leaseMs } })));
  };

  return {
    runClaimed,
    /** Aborts runs that are not this worker's any more, and renews expired leases. Rejects when the storage does. */
    async check(now: number): Promise<void> {
      const atWork = runsAtWork(runs.values());
      if (atWork.length > 0) drop(afterCheck(currently(atWork), await queue.stillLeased(workerId, idsOf(atWork))).lost, NOT_HELD);
      // After a suspension the worker would claim its own promises, and run them twice.
      const expired = expiredRuns(runs.values(), now);
      if (expired.length > 0) await renew(expired, now);
    },
    freeSlots: (): number => freeSlots([...runs.values()], settings.concurrency),
    freeSlotsOf: (): Partial<Record<TaskType, number>> => freeSlotsOf(runs.values(), settings.typeConcurrency ?? {}),
    atWork: (): readonly PromiseId[] => idsOf(runsAtWork(runs.values())),
    /** Runs that have not ended, aborted ones among them. */
    unended: (): readonly PromiseId[] => idsOf([...runs.values()]),
    ended: async (): Promise<void> => {
      await Promise.all(Array.from(runs.values(), ({ done }) => done));
    },
    start: heartbeat.start,
    stop: heartbeat.stop,
  };
};

/** Calls `onDue` at the time that was set last. */
const makeAlarm = (clock: Clock, onDue: () => void) => {
  let setFor: number | undefined;
  let cancel = (): void => undefined;
  return {
    set: (at: number | undefined): void => {
      if (at === setFor) return;
      cancel();
      setFor = at;
      if (at === undefined) return;
      cancel = clock.after(Math.max(1, at - clock.now()), () => {
        setFor = undefined;
        onDue();
      });
    },
  };
};

/** Calls `beat` every `ms`, one call at a time. `beat` MUST NOT reject. */
const makeHeartbeat = (clock: Clock, ms: number, beat: () => Promise<void>) => {
  let isBeating = false;
  let cancel = (): void => undefined;
  const next = (): void => {
    if (isBeating) cancel = clock.after(ms, () => void beat().finally(next));
  };
  return {
    start: (): void => {
      isBeating = true;
      next();
    },
    stop: (): void => {
      isBeating = false;
      cancel();
    },
  };
};

const idsOf = (those: readonly LeasedRun[]): readonly PromiseId[] => those.map(({ promise }) => promise.id);
