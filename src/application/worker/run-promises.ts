import { type LeasedPromise, type PromiseId, TASK_TYPES, type TaskType } from '../../domain/promise/promise.ts';
import type { WorkerSettings } from '../../domain/promise/worker-settings.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { PromiseExecutor } from '../../ports/promise-executor.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PromiseQueue } from '../../ports/storage/promise-queue.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeLoop } from '../loops/loop.ts';
import { UNWIND_MS } from '../loops/until-aborted.ts';
import { makeAttemptPromise } from './attempt-promise.ts';

export interface PromiseWorker {
  start(): void;
  /**
   * Takes nothing new, gives running work `graceMs` to end, or until `hurried` aborts, then aborts it and hands it
   * back. Work that ignores the abort does not hold it up.
   */
  stop(graceMs: number, hurried?: AbortSignal): Promise<void>;
  /** What it works at now. */
  running(): readonly PromiseId[];
}

interface Running {
  readonly promise: LeasedPromise;
  /** Until when, as far as this worker knows, nobody else may take it (ms since 1970). */
  leasedUntil: number;
  /** When it is aborted unless its lease is renewed by then (ms since 1970). */
  abortAt: number;
  cancelAbort: () => void;
  /** Its executor is done; only its end is yet to be recorded. */
  executed: boolean;
  /** Aborted when the promise is no longer this worker's to run. */
  readonly lost: AbortController;
  readonly done: Promise<void>;
}

/**
 * An aborted attempt ends within `UNWIND_MS`; storage then has this long to record it. Past that the lease runs out,
 * and another takes it up.
 */
const RECORD_MS = 2_000;
/** How long storage may take to renew leases that have lapsed; where it takes longer, their runs are aborted. */
const ANSWER_MS = 2_000;
const LAPSED = 'its lease ran out and could not be renewed';

/**
 * Claims due promises, runs them side by side, and settles each with its outcome queued for its chat in the same
 * commit.
 */
export const makePromiseWorker = (deps: {
  readonly workerId: string;
  readonly queue: PromiseQueue;
  readonly promises: Pick<PromiseStore, 'noteProgress'>;
  readonly unitOfWork: UnitOfWork;
  readonly executor: PromiseExecutor;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly redact: Redact;
  readonly events: Events;
  readonly settings: WorkerSettings;
}): PromiseWorker => {
  const { workerId, queue, clock, events, settings } = deps;
  const { leaseMs, perTenant } = settings;
  const share = perTenant === undefined ? {} : { perTenant };
  const attempt = makeAttemptPromise({ ...deps, timeoutMs: settings.attemptTimeoutMs });
  const running = new Set<Running>();
  const stopping = new AbortController();
  let takesMore = true;
  let beats = true;
  let cancelHeartbeat = (): void => undefined;

  const look = async (): Promise<number | undefined> => {
    // Those that end at this same moment are a few steps behind: one claim fills all their places.
    await Promise.resolve();
    const now = clock.now();
    const atWork = held().filter(({ executed }) => !executed);
    if (atWork.length > 0) dropLost(atWork, await queue.held(workerId, idsOf(atWork)));
    // A worker that was suspended past its leases renews them first: else it would claim its own promises, and run them
    // twice.
    const lapsed = held().filter(({ leasedUntil }) => leasedUntil <= now);
    if (lapsed.length > 0) await renew(lapsed, now);
    const free = slots();
    if (!takesMore || free <= 0) return undefined;
    const claimed = await queue.claim({ workerId, now, leaseMs, limit: free, room: room(), ...share });
    await beginHeld(claimed);
    if (claimed.length === free) return undefined;
    const dueAt = await queue.nextDueAt();
    // What is due and was not claimed is somebody else's by now, or waits for others of its tenant or type to end: that
    // comes with a nudge.
    return dueAt !== undefined && dueAt > now ? dueAt : undefined;
  };

  /** How many more may begin. Ends that are being recorded take no slot, as long as storage keeps up with them. */
  const slots = (): number => {
    const recording = [...running].filter(({ executed }) => executed).length;
    return Math.min(settings.concurrency, 2 * settings.concurrency - recording) - (running.size - recording);
  };

  /** Of each type that has a limit, how many more may begin. */
  const room = (): Partial<Record<TaskType, number>> => {
    const busy = [...running].filter(({ executed }) => !executed);
    const left: Partial<Record<TaskType, number>> = {};
    for (const type of TASK_TYPES) {
      const most = settings.perType?.[type];
      if (most !== undefined) left[type] = Math.max(0, most - busy.filter(({ promise }) => promise.taskType === type).length);
    }
    return left;
  };

  /** Where the answer to a claim took longer than the lease, another worker may run it by now: that is asked first. */
  const beginHeld = async (claimed: readonly LeasedPromise[]): Promise<void> => {
    const now = clock.now();
    for (const promise of claimed) if (promise.lease.expiresAt > now) begin(promise);
    const lapsed = claimed.filter(({ lease }) => lease.expiresAt <= now);
    if (lapsed.length === 0) return;
    const ids = await queue.heartbeat({ workerId, ids: lapsed.map(({ id }) => id), now, leaseMs });
    const renewed = lapsed.filter(({ id }) => ids.includes(id));
    await beginHeld(renewed.map((promise) => ({ ...promise, lease: { ...promise.lease, expiresAt: now + leaseMs } })));
  };

  const begin = (promise: LeasedPromise): void => {
    const lost = new AbortController();
    // Its lease had run out, or it was cancelled and tried again: what ran before may not have ended yet.
    const earlier = [...running].filter((run) => run.promise.id === promise.id);
    const executed = (): void => {
      run.executed = true;
      loop.nudge();
    };
    const done = Promise.all(earlier.map((run) => run.done))
      .then(() => attempt(promise, { lost: lost.signal, stopping: stopping.signal }, executed))
      .finally(() => {
        running.delete(run);
        run.cancelAbort();
        loop.nudge();
      });
    const { expiresAt } = promise.lease;
    const run: Running = { promise, leasedUntil: expiresAt, abortAt: expiresAt, cancelAbort: () => undefined, executed: false, lost, done };
    running.add(run);
    abortAt(run, expiresAt);
  };

  /** Runs that are ours as far as we know. */
  const held = (): readonly Running[] => [...running].filter(({ lost }) => !lost.signal.aborted);

  const drop = ({ promise: { id, attempts, chatId }, executed, lost }: Running, reason: string): void => {
    // Past its executor only its end is yet to be recorded; storage says then whose it is.
    if (!executed && !lost.signal.aborted) events.emit({ type: 'promise-run-aborted', promiseId: id, attempt: attempts, chatId, reason });
    lost.abort();
  };

  /** A promise that was cancelled, or taken over while we were out of breath, is no longer ours to run. */
  const dropLost = (mine: readonly Running[], ids: readonly PromiseId[]): void => {
    for (const run of mine)
      if (!run.executed && !ids.includes(run.promise.id)) drop(run, 'it was cancelled, is past its deadline, or another worker runs it');
  };

  const renew = async (mine: readonly Running[], now: number): Promise<void> => {
    for (const run of mine) if (run.leasedUntil <= now) abortAt(run, now + ANSWER_MS);
    try {
      const ids = await queue.heartbeat({ workerId, ids: idsOf(mine), now, leaseMs });
      for (const run of mine)
        if (ids.includes(run.promise.id)) {
          run.leasedUntil = now + leaseMs;
          abortAt(run, run.leasedUntil);
        }
      dropLost(mine, ids);
    } catch (error) {
      dropLapsed(mine);
      throw error;
    }
  };

  const abortAt = (run: Running, at: number): void => {
    run.cancelAbort();
    run.abortAt = at;
    if (running.has(run)) run.cancelAbort = clock.after(Math.max(1, at - clock.now()), () => lapse(run));
  };

  /**
   * A timer that comes too late, after this process was suspended, proves nothing about the lease: storage is asked
   * first.
   */
  const lapse = (run: Running): void => {
    const lateMs = clock.now() - run.abortAt;
    if (lateMs < 0) abortAt(run, run.abortAt);
    else if (lateMs < ANSWER_MS) drop(run, LAPSED);
    else
      renew(
        held().filter(({ leasedUntil }) => leasedUntil <= clock.now()),
        clock.now(),
      ).catch(heartbeatFailed);
  };

  /** Past its lease, another worker may run it by now. */
  const dropLapsed = (mine: readonly Running[]): void => {
    for (const run of mine) if (run.leasedUntil <= clock.now()) drop(run, LAPSED);
  };

  const beat = (): void => {
    if (!beats) return;
    cancelHeartbeat = clock.after(settings.heartbeatMs, () => {
      const mine = held();
      (mine.length === 0 ? Promise.resolve() : renew(mine, clock.now())).catch(heartbeatFailed).finally(beat);
    });
  };

  const heartbeatFailed = (error: unknown): void => events.emit({ type: 'heartbeat-failed', reason: reasonOf(error), error });

  const loop = makeLoop({ name: 'promises', clock, changes: deps.changes, events, look });

  return {
    start() {
      loop.start();
      beat();
    },
    running: () => held().flatMap(({ promise, executed }) => (executed ? [] : [promise.id])),
    async stop(graceMs, hurried) {
      takesMore = false;
      await loop.stop();
      const left = Promise.withResolvers<void>();
      const abort = (): void => {
        cancelTimer();
        if (stopping.signal.aborted) return;
        stopping.abort();
        cancelTimer = clock.after(UNWIND_MS + RECORD_MS, left.resolve);
      };
      let cancelTimer = clock.after(hurried?.aborted ? 0 : graceMs, abort);
      hurried?.addEventListener('abort', abort, { once: true });
      await Promise.race([Promise.all(Array.from(running, ({ done }) => done)), left.promise]);
      cancelTimer();
      hurried?.removeEventListener('abort', abort);
      beats = false;
      cancelHeartbeat();
      for (const { promise } of running) events.emit({ type: 'promise-ignored-abort', promiseId: promise.id, at: 'stop' });
    },
  };
};

const idsOf = (mine: readonly Running[]): readonly PromiseId[] => mine.map(({ promise }) => promise.id);
