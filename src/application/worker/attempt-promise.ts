import type { AskedApproval } from '../../domain/approval/approval.ts';
import { addUsage, isPaid, mostUsage, NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import { type LeasedPromise, MAX_LOST_LEASES } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import { type Shown, writtenBy } from '../../domain/trust/shown.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { PromiseExecutor } from '../../ports/promise-executor.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import { OutdatedRunError, type RunRecord } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { PromiseQueue } from '../../ports/storage/promise-queue.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { timeIsOver, untilAborted } from '../loops/timers.ts';
import { ApprovalNeededError } from '../tools/call-guard.ts';
import { type AttemptEnd, completed, crashed, deadlinePassed, failed, portFailed, tellingUnknownActs, workersLost } from './attempt-end.ts';
import { makeProgressNotes } from './note-progress.ts';
import type { PromiseRuns } from './promise-run.ts';
import { type AttemptUsage, makeRecordAttempt } from './record-attempt.ts';
import { makeReleaseLease } from './release-lease.ts';

/** What ends an attempt early, from outside. */
export interface AttemptSignals {
  /** The promise is no longer this worker's: its run is aborted, and no end is recorded. */
  readonly lost: AbortSignal;
  /** The worker stops: the run is aborted, and the promise handed back. If the run does not end, its lease expires. */
  readonly stopping: AbortSignal;
}

/**
 * Runs one attempt at a promise and records its end, or releases the lease if the promise settled meanwhile. Calls
 * `onExecuted` in between: after that it only waits for the storage. Does not reject.
 */
export type AttemptPromise = (promise: LeasedPromise, signals: AttemptSignals, onExecuted?: () => void) => Promise<void>;

/** What an attempt has come to so far. */
interface Run {
  /** It was aborted and did not end: it may go on. */
  ignoredAbort: boolean;
  usage: Usage;
  model?: string;
  record?: RunRecord;
  shown?: Pick<Shown, 'provenance'>;
  spending?: Spending;
  approval?: AskedApproval;
}

export const makeAttemptPromise = (deps: {
  readonly workerId: string;
  readonly queue: Pick<PromiseQueue, 'releaseLeases'>;
  readonly promises: Pick<PromiseStore, 'noteProgress'>;
  readonly unitOfWork: UnitOfWork;
  readonly executor: PromiseExecutor;
  /** Absent: no run goes on over attempts. */
  readonly runs?: Pick<PromiseRuns, 'storedReplies'> | undefined;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Says who may approve. Absent: cards do not tell. */
  readonly policy?: AccessPolicy | undefined;
  readonly redact: Redact;
  readonly events: Events;
  readonly timeoutMs: number;
}): AttemptPromise => {
  const { workerId, queue, promises, unitOfWork, executor, clock, randomness, redact, events, timeoutMs } = deps;
  const context = { redact, fraction: randomness.fraction };
  const record = makeRecordAttempt({ workerId, unitOfWork, clock, randomness, policy: deps.policy, events });
  const releaseLease = makeReleaseLease({ workerId, queue, events });

  /** A run that gets further each time does not kill its workers: machines that come and go do. */
  const killsWorkers = async (promise: LeasedPromise, signal: AbortSignal): Promise<boolean> => {
    const beyond = promise.lostLeases - MAX_LOST_LEASES;
    return beyond > 0 && beyond > ((await deps.runs?.storedReplies(promise, signal)) ?? 0);
  };

  /** Resolves to the end that is to be recorded, if there is one. */
  const execute = async (promise: LeasedPromise, { lost, stopping }: AttemptSignals, run: Run): Promise<AttemptEnd | undefined> => {
    const leftMs = (promise.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
    if (leftMs <= 0) return deadlinePassed(context);
    const timeout = new AbortController();
    const notes = makeProgressNotes({ promises, workerId, clock, redact, events }, promise);
    const cancelTimeout = clock.after(Math.min(timeoutMs, leftMs), () => timeout.abort(timeIsOver()));
    try {
      const signal = AbortSignal.any([lost, stopping, timeout.signal]);
      if (await killsWorkers(promise, signal)) return workersLost(context, promise);
      const onUsage = (usage: Usage): void => {
        run.usage = addUsage(run.usage, usage);
      };
      const onRun = (record: RunRecord): void => {
        run.record = record;
      };
      const onShown = (shown: Pick<Shown, 'provenance'>): void => {
        run.shown = shown;
      };
      const onSpending = (spending: Spending): void => {
        run.spending = spending;
      };
      const work = executor.execute(promise, { signal, progress: notes.note, onUsage, onRun, onShown, onSpending });
      const result = await untilAborted(work, signal, clock, () => {
        run.ignoredAbort = true;
        events.emit({ type: 'promise-ignored-abort', promiseId: promise.id, at: 'attempt' });
      });
      run.usage = mostUsage(run.usage, result.usage);
      if (result.model !== undefined) run.model = result.model;
      return completed(context, result.text);
    } catch (error) {
      if (isPortError(error) && error.usage) run.usage = mostUsage(run.usage, error.usage);
      if (lost.aborted) return undefined;
      // Work that may go on must not run elsewhere before its lease has expired.
      if (stopping.aborted) return run.ignoredAbort ? undefined : { type: 'hand-back' };
      if (timeout.signal.aborted && leftMs <= timeoutMs) return deadlinePassed(context);
      if (timeout.signal.aborted) return failed(context, 'timeout', `It took longer than ${Math.round(timeoutMs / 60_000)} minutes.`, true);
      if (error instanceof ApprovalNeededError) {
        run.approval = error.approval;
        return { type: 'await-approval', approvalId: error.approval.id };
      }
      // Whoever goes on with the run has the promise, or gets it: nothing failed.
      if (error instanceof OutdatedRunError) return { type: 'hand-back' };
      if (isPortError(error)) return portFailed(context, error, promise, isPaid(run.usage), clock.now());
      events.emit({ type: 'executor-crashed', promiseId: promise.id, error });
      return crashed(context, error, promise);
    } finally {
      notes.end();
      cancelTimeout();
    }
  };

  return async (promise, signals, onExecuted) => {
    const { id, attempts, chatId } = promise;
    events.emit({ type: 'promise-attempt-started', promiseId: id, attempt: attempts, chatId });
    const startedAt = clock.now();
    const run: Run = { ignoredAbort: false, usage: NO_USAGE };
    const end = await execute(promise, signals, run);
    onExecuted?.();
    const used: AttemptUsage = {
      startedAt,
      usage: run.usage,
      spending: run.spending,
      model: run.model,
      run: run.record,
      approval: run.approval,
    };
    try {
      if (!end) await record.usage(promise, used);
      const isRecorded =
        end !== undefined && (await record.end(promise, inheriting(tellingUnknownActs(end, run.record), run), used, signals.stopping));
      if (!isRecorded && !run.ignoredAbort) await releaseLease(promise);
    } catch (error) {
      events.emit({ type: 'promise-end-unknown', promiseId: id, reason: reasonOf(error) });
    } finally {
      run.spending?.close();
    }
  };
};

/** The words of a result, and of a failure, come from what the attempt was shown. */
const inheriting = (end: AttemptEnd, { shown }: Pick<Run, 'shown'>): AttemptEnd =>
  end.type === 'hand-back' || end.type === 'await-approval' ? end : { ...end, ...present({ provenance: writtenBy(shown) }) };
