import { type LeasedPromise, MAX_LOST_LEASES, type PromiseId } from '../../domain/promise/promise.ts';
import type { PromiseCommand } from '../../domain/promise/transition.ts';
import type { ChangeFeed } from '../../ports/change-feed.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { PromiseExecutor } from '../../ports/promise-executor.ts';
import type { PromiseQueue } from '../../ports/promise-store.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { UnitOfWork } from '../../ports/unit-of-work.ts';
import { makeLoop } from '../loops/loop.ts';
import { commandPromise } from './store-promises.ts';

export interface PromiseWorker {
  start(): void;
  /** Takes nothing new, gives running work `graceMs` to end, then aborts it and hands it back. */
  stop(graceMs: number): Promise<void>;
}

export interface WorkerSettings {
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** The longest that one attempt may take. */
  readonly attemptTimeoutMs: number;
}

type Ending = 'lost' | 'stopping' | 'timeout';
interface Running {
  readonly promise: LeasedPromise;
  readonly abort: (why: Ending) => void;
  readonly done: Promise<void>;
}

/** Claims due promises, runs them side by side, and settles each with its outcome queued for its chat in the same commit. */
export const makePromiseWorker = (deps: {
  readonly workerId: string;
  readonly queue: PromiseQueue;
  readonly unitOfWork: UnitOfWork;
  readonly executor: PromiseExecutor;
  readonly changes: ChangeFeed;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly redact: Redact;
  readonly logger: Logger;
  readonly settings: WorkerSettings;
}): PromiseWorker => {
  const { workerId, queue, clock, logger, settings } = deps;
  const running = new Map<PromiseId, Running>();
  let stopping = false;
  let cancelHeartbeat = (): void => undefined;

  const look = async (): Promise<number | undefined> => {
    const ids = [...running.keys()];
    if (ids.length > 0) dropLost(ids, await queue.held(workerId, ids));
    const free = settings.concurrency - running.size;
    if (stopping || free <= 0) return undefined;
    const dueAt = await queue.nextDueAt();
    if (dueAt === undefined || dueAt > clock.now()) return dueAt;
    const claimed = await queue.claim({ workerId, now: clock.now(), leaseMs: settings.leaseMs, limit: free });
    for (const promise of claimed) begin(promise);
    return claimed.length === free ? undefined : queue.nextDueAt();
  };

  const begin = (promise: LeasedPromise): void => {
    const controller = new AbortController();
    const abort = (why: Ending): void => controller.abort(why);
    const cancelTimeout = clock.after(settings.attemptTimeoutMs, () => abort('timeout'));
    const done = attempt(promise, controller.signal)
      .catch((error: unknown) => {
        // Not recorded: the lease runs out, and the promise is taken up again.
        logger.error({ promiseId: promise.id, reason: reasonOf(error), error }, 'the end of a promise could not be recorded');
      })
      .finally(() => {
        cancelTimeout();
        running.delete(promise.id);
        loop.nudge();
      });
    running.set(promise.id, { promise, abort, done });
  };

  const attempt = async (promise: LeasedPromise, signal: AbortSignal): Promise<void> => {
    logger.info({ promiseId: promise.id, attempt: promise.attempts, chatId: promise.chatId }, 'promise started');
    const command = promise.lostLeases > MAX_LOST_LEASES ? workersLost(promise) : await outcome(promise, signal);
    if (!command) return;
    const at = clock.now();
    const moved = await deps.unitOfWork.run((stores) =>
      commandPromise(stores, promise.id, { ...command, at, workerId, attempt: promise.attempts }, deps.randomness),
    );
    const facts = { promiseId: promise.id, attempt: promise.attempts, chatId: promise.chatId };
    if (!moved?.ok)
      logger.warn({ ...facts, reason: moved?.error.code ?? 'promise/not-found' }, 'an outcome came too late, and was dropped');
    else if (command.type === 'fail')
      logger.warn({ ...facts, reason: command.error, status: moved.value.status }, 'promise attempt failed');
    else logger.info({ ...facts, status: moved.value.status }, 'promise attempt ended');
  };

  type End<C extends PromiseCommand = PromiseCommand> = C extends { type: 'complete' | 'fail' | 'hand-back' }
    ? Omit<C, 'at' | 'workerId' | 'attempt'>
    : never;

  const workersLost = (promise: LeasedPromise): End => ({
    type: 'fail',
    error: {
      code: 'promise/worker-lost',
      message: `Its worker died ${promise.lostLeases} times while running it, so it is not run again. See the worker's log, then retry it.`,
    },
    retryable: false,
    jitter: 0,
  });

  const outcome = async (promise: LeasedPromise, signal: AbortSignal): Promise<End | undefined> => {
    try {
      const result = await deps.executor.execute(promise, { signal });
      return { type: 'complete', result: deps.redact(result) };
    } catch (error) {
      const why = signal.aborted ? (signal.reason as Ending) : undefined;
      if (why === 'lost') return undefined;
      if (why === 'stopping') return { type: 'hand-back' };
      if (why === 'timeout') {
        const message = `It took longer than ${Math.round(settings.attemptTimeoutMs / 60_000)} minutes.`;
        return { type: 'fail', error: { code: 'timeout', message }, retryable: true, jitter: deps.randomness.fraction() };
      }
      if (!isPortError(error)) logger.error({ promiseId: promise.id, error }, 'an executor threw what no executor may throw');
      const code = isPortError(error) ? error.code : 'unknown';
      const retryable = isPortError(error) ? error.retryable : false;
      return { type: 'fail', error: { code, message: deps.redact(reasonOf(error)) }, retryable, jitter: deps.randomness.fraction() };
    }
  };

  /** A promise that was cancelled, or taken over while we were out of breath, is no longer ours to run. */
  const dropLost = (ids: readonly PromiseId[], held: readonly PromiseId[]): void => {
    for (const id of ids) if (!held.includes(id)) running.get(id)?.abort('lost');
  };

  const beat = (): void => {
    cancelHeartbeat = clock.after(settings.heartbeatMs, () => {
      const ids = [...running.keys()];
      const heard =
        ids.length === 0 ? Promise.resolve(ids) : queue.heartbeat({ workerId, ids, now: clock.now(), leaseMs: settings.leaseMs });
      heard
        .then((held) => dropLost(ids, held))
        .catch((error: unknown) =>
          logger.error({ reason: reasonOf(error), error }, 'heartbeat failed; leases run out unless the next one succeeds'),
        )
        .finally(beat);
    });
  };

  const loop = makeLoop({ clock, changes: deps.changes, logger, look });

  return {
    start() {
      loop.start();
      beat();
    },
    async stop(graceMs) {
      stopping = true;
      await loop.stop();
      const all = (): Promise<unknown> => Promise.all([...running.values()].map(({ done }) => done));
      const cancelGrace = clock.after(graceMs, () => {
        for (const { abort } of running.values()) abort('stopping');
      });
      await all();
      cancelGrace();
      cancelHeartbeat();
    },
  };
};
