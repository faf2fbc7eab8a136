import type { PromiseId } from '../../domain/promise/promise.ts';
import type { WorkerSettings } from '../../domain/promise/worker-settings.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { PromiseExecutor } from '../../ports/promise-executor.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PromiseQueue } from '../../ports/storage/promise-queue.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeLoop } from '../loops/loop.ts';
import { sameMoment } from '../loops/same-moment.ts';
import { ABORT_GRACE_MS, within } from '../loops/timers.ts';
import { noWork, type ScopedCorrelation } from '../telemetry/work-scopes.ts';
import { makeAttemptPromise } from './attempt-promise.ts';
import { makeLeaseKeeper } from './lease-keeper.ts';
import type { PromiseRuns } from './promise-run.ts';

export interface PromiseWorker {
  start(): void;
  /**
   * Claims nothing more. Running work gets `graceMs` to end, or less if `hurried` aborts; then it is aborted and handed
   * back. Work that ignores the abort does not delay the stop.
   */
  stop(graceMs: number, hurried?: AbortSignal): Promise<void>;
  /** The promises that it works on now. */
  running(): readonly PromiseId[];
}

/**
 * An aborted attempt ends within `ABORT_GRACE_MS`; then the storage has this long to record its end. After that the
 * lease expires, and another worker takes over.
 */
const RECORD_MS = 2_000;

/**
 * Claims due promises and runs them side by side. Each settles in the commit that queues its outcome for its chat.
 */
export const makePromiseWorker = (deps: {
  readonly workerId: string;
  readonly queue: PromiseQueue;
  readonly promises: Pick<PromiseStore, 'noteProgress'>;
  readonly unitOfWork: UnitOfWork;
  readonly executor: PromiseExecutor;
  /** Absent: no run goes on over attempts. */
  readonly runs?: Pick<PromiseRuns, 'storedReplies'> | undefined;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Says who may approve. Absent: cards do not tell. */
  readonly policy?: AccessPolicy | undefined;
  readonly redact: Redact;
  /** Default: nobody knows what work it is. */
  readonly correlation?: ScopedCorrelation;
  readonly events: Events;
  readonly settings: WorkerSettings;
}): PromiseWorker => {
  const { workerId, queue, clock, events, settings, correlation = noWork } = deps;
  const { leaseMs, tenantConcurrency } = settings;
  const stopping = new AbortController();
  let isClaiming = true;

  const attempt = makeAttemptPromise({
    workerId,
    queue,
    promises: deps.promises,
    unitOfWork: deps.unitOfWork,
    executor: deps.executor,
    runs: deps.runs,
    clock,
    randomness: deps.randomness,
    policy: deps.policy,
    redact: deps.redact,
    events,
    timeoutMs: settings.attemptTimeoutMs,
  });
  const keeper = makeLeaseKeeper({
    workerId,
    queue,
    clock,
    events,
    settings,
    attempt: (promise, lost, onExecuted) =>
      correlation.run(correlation.scopes.attempt(promise), () => attempt(promise, { lost, stopping: stopping.signal }, onExecuted)),
    onFree: () => loop.wake(),
  });

  const poll = async (): Promise<number | undefined> => {
    await sameMoment();
    const now = clock.now();
    await keeper.check(now);
    const limit = keeper.freeSlots();
    if (!isClaiming || limit <= 0) return undefined;
    const claimed = await queue.claim({ workerId, now, leaseMs, limit, capacity: keeper.freeSlotsOf(), ...present({ tenantConcurrency }) });
    await keeper.runClaimed(claimed);
    if (claimed.length === limit) return undefined;
    const dueAt = await queue.nextDueAt();
    // What is due and was not claimed is another worker's by now, or waits for a slot: its end wakes the loop.
    return dueAt !== undefined && dueAt > now ? dueAt : undefined;
  };
  const loop = makeLoop({ name: 'promises', clock, changes: deps.changes, events, poll });

  /** Resolves when `graceMs` is over or `hurried` aborts, whichever is first. */
  const graceOver = async (graceMs: number, hurried: AbortSignal, ended: Promise<void>): Promise<void> => {
    const cut = Promise.withResolvers<void>();
    hurried.addEventListener('abort', () => cut.resolve(), { once: true });
    if (hurried.aborted) cut.resolve();
    await within(clock, graceMs, Promise.race([ended, cut.promise]), () => undefined);
  };

  return {
    start() {
      loop.start();
      keeper.start();
    },
    running: keeper.atWork,
    async stop(graceMs, hurried = new AbortController().signal) {
      isClaiming = false;
      await loop.stop();
      const ended = keeper.ended();
      await graceOver(graceMs, hurried, ended);
      if (keeper.unended().length > 0) {
        stopping.abort();
        await within(clock, ABORT_GRACE_MS + RECORD_MS, ended, () => undefined);
      }
      keeper.stop();
      for (const promiseId of keeper.unended()) events.emit({ type: 'promise-ignored-abort', promiseId, at: 'stop' });
    },
  };
};
