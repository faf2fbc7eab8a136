import { attemptOf, isPaid, turnId, type Usage } from '../../domain/conversation/turn.ts';
import type { AgentPromise, LeasedPromise } from '../../domain/promise/promise.ts';
import type { TransitionRefusal } from '../../domain/promise/transition.ts';
import { present } from '../../domain/shared/present.ts';
import type { Result } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { backoffMs } from '../loops/backoff.ts';
import { sleep } from '../loops/timers.ts';
import { type AttemptEnd, failed } from './attempt-end.ts';
import { makeRecordEnd } from './record-ends.ts';

/** What an attempt used, and which model wrote its result. */
export interface AttemptUsage {
  readonly startedAt: number;
  readonly usage: Usage;
  readonly model?: string | undefined;
}

/** Records how an attempt ended and what it used, and tells it as events. */
export const makeRecordAttempt = (deps: {
  readonly workerId: string;
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly events: Events;
}) => {
  const { workerId, unitOfWork, clock, randomness, events } = deps;
  const recordEnd = makeRecordEnd({ unitOfWork, randomness });

  /**
   * Tries again until the storage has answered: work that is done must not be done twice. The storage says whether the
   * promise is still this worker's. An end that it refuses for good is recorded as a failure, once.
   */
  const untilRecorded = async ({ id, attempts }: LeasedPromise, reached: AttemptEnd, stopping: AbortSignal) => {
    let end = reached;
    for (let failures = 1; ; failures++) {
      try {
        return { end, moved: await recordEnd(id, { ...end, at: clock.now(), workerId, attempt: attempts }) };
      } catch (error) {
        events.emit({ type: 'promise-end-not-recorded', promiseId: id, failures, reason: reasonOf(error), error });
        if (isPortError(error) && !error.retryable) {
          if (end !== reached) throw error;
          end = failed(randomness, error.code, 'It came to an end that could not be stored.', false);
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
      end: end.type,
      status: moved.value.status,
      ...present({
        reason: end.type === 'complete' ? undefined : end.error,
        waitMs: end.type === 'hand-back' ? end.forMs : undefined,
      }),
      usage,
      durationMs: clock.now() - startedAt,
    });
  };

  return {
    /** Resolves to whether the promise took the end. Rejects if that is not known. */
    async end(promise: LeasedPromise, reached: AttemptEnd, used: AttemptUsage, stopping: AbortSignal): Promise<boolean> {
      const { end, moved } = await untilRecorded(promise, reached, stopping);
      emitEnd(promise, end, moved, used);
      return moved?.ok ?? false;
    },
    /** Apart from the end, because it is paid in any case. Tried once: the end does not wait for a second try. */
    async usage({ id, attempts, chatId }: LeasedPromise, { startedAt, usage, model }: AttemptUsage): Promise<void> {
      if (!isPaid(usage)) return;
      const turn = attemptOf({
        id: turnId(`promise-${id}-${attempts}-${randomness.id()}`.slice(0, 64)),
        chatId,
        agent: 'promises',
        startedAt,
        endedAt: clock.now(),
        usage,
        ...present({ model }),
      });
      try {
        await unitOfWork.run(({ turns }) => turns.add(turn));
      } catch (error) {
        events.emit({ type: 'usage-not-stored', promiseId: id, chatId, usage, reason: reasonOf(error) });
      }
    },
  };
};
