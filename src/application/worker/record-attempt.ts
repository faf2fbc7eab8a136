import { unknownActsNote } from '../../domain/agent/run-step.ts';
import type { AskedApproval } from '../../domain/approval/approval.ts';
import { attemptOf, isPaid, type TurnId, turnId, type Usage } from '../../domain/conversation/turn.ts';
import type { AgentPromise, LeasedPromise } from '../../domain/promise/promise.ts';
import type { TransitionRefusal } from '../../domain/promise/transition.ts';
import { present } from '../../domain/shared/present.ts';
import type { Result } from '../../domain/shared/result.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { RunRecord } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { owes } from '../budgets/store-spent.ts';
import { backoffMs } from '../loops/backoff.ts';
import { sleep } from '../loops/timers.ts';
import { askedEvent } from '../promises/approval-events.ts';
import { isOutdatedRun } from '../promises/store-runs.ts';
import { measuredCommits } from '../telemetry/measured-commits.ts';
import { type AttemptEnd, failed } from './attempt-end.ts';
import { type Ending, makeRecordEnd } from './record-ends.ts';

/** What an attempt used, and which model wrote its result. */
export interface AttemptUsage {
  readonly startedAt: number;
  /** What this process has paid. */
  readonly usage: Usage;
  readonly model?: string | undefined;
  readonly spending?: Spending | undefined;
  /** The run that it worked on, where it has one. */
  readonly run?: RunRecord | undefined;
  /** What the run can't go on without, where it is so. */
  readonly approval?: AskedApproval | undefined;
}

/** Records how an attempt ended and what it used, and tells it as events. */
export const makeRecordAttempt = (deps: {
  readonly workerId: string;
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Says who may approve. Absent: cards do not tell. */
  readonly policy?: AccessPolicy | undefined;
  readonly events: Events;
}) => {
  const { workerId, unitOfWork, clock, randomness, events } = deps;
  const recordEnd = makeRecordEnd({ unitOfWork: measuredCommits(unitOfWork, 'promises', deps), randomness, policy: deps.policy });

  const endingOf = (
    { id, attempts, chatId }: LeasedPromise,
    { startedAt, usage: paid, spending, model, run, approval }: AttemptUsage,
  ): Ending => {
    const endedAt = clock.now();
    let turn: TurnId | undefined;
    return {
      id,
      paid,
      spending,
      turnOf: (usage) => {
        turn ??= turnId(`promise-${id}-${attempts}-${randomness.id()}`.slice(0, 64));
        return attemptOf({ id: turn, chatId, agent: 'promises', startedAt, endedAt, usage, ...present({ model }) });
      },
      ...present({ run, approval }),
    };
  };

  /**
   * Tries again until the storage has answered: work that is done must not be done twice. The storage says whether the
   * promise is still this worker's. An end that it refuses for good is recorded as a failure, once, and without the
   * last steps of the run: they may be what it refuses. If another process goes on with the run, the promise is handed
   * back.
   */
  const untilRecorded = async ({ id, attempts }: LeasedPromise, reached: AttemptEnd, ending: Ending, stopping: AbortSignal) => {
    let end = reached;
    let withoutRest = false;
    for (let failures = 1; ; failures++) {
      try {
        const command = { ...end, at: clock.now(), workerId, attempt: attempts };
        return { end, ...(await recordEnd({ ...ending, command, withoutRest })) };
      } catch (error) {
        const isOutdated = isOutdatedRun(error) && ending.run !== undefined && !withoutRest;
        if (!isOutdated) events.emit({ type: 'promise-end-not-recorded', promiseId: id, failures, reason: reasonOf(error), error });
        if (isPortError(error) && !error.retryable) {
          if (withoutRest) throw error;
          withoutRest = true;
          // Of calls whose results can't be stored, nobody can tell later what became of them.
          const { run } = ending;
          const note = run ? unknownActsNote(run.steps().slice(0, run.rest().from)) : '';
          const words = `It came to an end that could not be stored. ${note}`.trim();
          end = isOutdated ? { type: 'hand-back' } : failed(randomness, error.code, words, false);
          continue;
        }
        await sleep(clock, backoffMs(failures), stopping);
        if (stopping.aborted) throw error;
      }
    }
  };

  const emitEnd = (
    promise: LeasedPromise,
    end: AttemptEnd,
    moved: Result<AgentPromise, TransitionRefusal> | undefined,
    { startedAt, usage }: AttemptUsage,
  ): void => {
    const about = { promiseId: promise.id, attempt: promise.attempts, chatId: promise.chatId };
    if (!moved?.ok) {
      events.emit({ type: 'promise-end-dropped', ...about, reason: moved?.error.code ?? 'promise/not-found' });
      return;
    }
    events.emit({
      type: 'promise-attempt-ended',
      ...about,
      taskType: promise.taskType,
      agent: promise.agent,
      end: end.type,
      status: moved.value.status,
      ...present({
        reason: end.type === 'fail' || end.type === 'hand-back' ? end.error : undefined,
        waitMs: end.type === 'hand-back' ? end.forMs : undefined,
      }),
      usage,
      durationMs: clock.now() - startedAt,
    });
  };

  const emitLost = ({ id, chatId }: LeasedPromise, { usage }: AttemptUsage, error: unknown): void => {
    if (isPaid(usage)) events.emit({ type: 'usage-not-stored', promiseId: id, chatId, usage, reason: reasonOf(error) });
  };

  return {
    /** Resolves to whether the promise took the end. Rejects if that is not known. */
    async end(promise: LeasedPromise, reached: AttemptEnd, used: AttemptUsage, stopping: AbortSignal): Promise<boolean> {
      try {
        const { end, moved, usage } = await untilRecorded(promise, reached, endingOf(promise, used), stopping);
        emitEnd(promise, end, moved, { ...used, usage });
        if (moved?.ok && used.approval && end.type === 'await-approval') events.emit(askedEvent(used.approval));
        return moved?.ok ?? false;
      } catch (error) {
        emitLost(promise, used, error);
        throw error;
      }
    },
    /** Records what was used by an attempt that has lost its promise. Tried once. */
    async usage(promise: LeasedPromise, used: AttemptUsage): Promise<void> {
      if (!isPaid(used.usage) && !owes(used.spending)) return;
      try {
        await recordEnd(endingOf(promise, used));
      } catch (error) {
        emitLost(promise, used, error);
      }
    },
  };
};
