import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import { type ChatId, isLocalChat } from '../../domain/chat/ids.ts';
import { addUsage, isPaid, mostUsage, NO_USAGE, type Turn, turnId, type Usage } from '../../domain/conversation/turn.ts';
import { type AgentPromise, type LeasedPromise, MAX_LOST_LEASES } from '../../domain/promise/promise.ts';
import { DEADLINE_PASSED, type PromiseCommand, type TransitionRefusal } from '../../domain/promise/transition.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Result } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, type PortError, reasonFor, reasonOf } from '../../ports/port-error.ts';
import type { PromiseExecutor, WorkResult } from '../../ports/promise-executor.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Redact } from '../../ports/redact.ts';
import type { PromiseQueue } from '../../ports/storage/promise-queue.ts';
import type { PromiseStore } from '../../ports/storage/promise-store.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { backoffMs } from '../loops/backoff.ts';
import { sleep, untilAborted } from '../loops/timers.ts';
import { MAX_COOLDOWN_MS, MAX_WAIT_MS } from '../models/cooldowns.ts';
import { CUT_NOTE, redactBeginning, redactedBeginning } from '../tools/redact-beginning.ts';
import { makeProgressNotes } from './note-progress.ts';
import { makeRecordEnd } from './record-ends.ts';
import { makeReleaseLease } from './release-lease.ts';

/** What ends an attempt early, from outside. */
export interface AttemptSignals {
  /** The promise is no longer this worker's: its run is aborted, and no end recorded. */
  readonly lost: AbortSignal;
  /**
   * The worker stops: the run is aborted, and the promise handed back, unless it does not end: then its lease runs out.
   */
  readonly stopping: AbortSignal;
}

/**
 * Runs one attempt at a promise, and records its end; or lets go of the promise, where it settled meanwhile.
 * `onExecuted` is called in between: from there on it waits for storage only. Does not reject.
 */
export type AttemptPromise = (promise: LeasedPromise, signals: AttemptSignals, onExecuted?: () => void) => Promise<void>;

type Without<C extends PromiseCommand> = C extends { type: 'complete' | 'fail' | 'hand-back' }
  ? Omit<C, 'at' | 'workerId' | 'attempt'>
  : never;
type End = Without<PromiseCommand>;

interface Run {
  /** It was told to end and did not: it may go on. */
  ignoredAbort: boolean;
  readonly paid: () => Usage;
  readonly pay: (usage: Usage) => void;
  /** Its result tells what was paid in all, and which model wrote it. */
  readonly finished: (result: WorkResult) => void;
}

/** As long as an answer with its note, whatever an executor gives. */
const resultWithin = (redact: Redact, result: string): string => {
  const { text, isCut } = redactedBeginning(redact, result, MAX_ANSWER_LENGTH + 2 * CUT_NOTE.length);
  return isCut ? `${beginningOf(text, MAX_ANSWER_LENGTH)}\n\n${CUT_NOTE}` : text;
};

/** Promises that wait for the same thing don't all come at once. */
const MAX_SPREAD_MS = 5_000;

const MAX_REASON_LENGTH = 2_000;
const reasonWithin = (redact: Redact, error: unknown, chatId: ChatId): string =>
  redactBeginning(redact, reasonFor(error, isLocalChat(chatId) ? 'operator' : 'anybody'), MAX_REASON_LENGTH);

export const makeAttemptPromise = (deps: {
  readonly workerId: string;
  readonly queue: Pick<PromiseQueue, 'releaseLeases'>;
  readonly promises: Pick<PromiseStore, 'noteProgress'>;
  readonly unitOfWork: UnitOfWork;
  readonly executor: PromiseExecutor;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly redact: Redact;
  readonly events: Events;
  readonly timeoutMs: number;
}): AttemptPromise => {
  const { workerId, clock, events, randomness } = deps;
  const recordEnd = makeRecordEnd(deps);
  const releaseLease = makeReleaseLease(deps);

  const execute = async (promise: LeasedPromise, { lost, stopping }: AttemptSignals, run: Run): Promise<End | undefined> => {
    const leftMs = (promise.deadline ?? Number.POSITIVE_INFINITY) - clock.now();
    if (leftMs <= 0) return deadlinePassed();
    const timeout = new AbortController();
    const notes = makeProgressNotes(deps, promise);
    const cancelTimeout = clock.after(Math.min(deps.timeoutMs, leftMs), () => timeout.abort());
    try {
      const signal = AbortSignal.any([lost, stopping, timeout.signal]);
      const asked = { signal, progress: notes.note, onUsage: run.pay };
      const result = await untilAborted(deps.executor.execute(promise, asked), signal, clock, () => {
        run.ignoredAbort = true;
        events.emit({ type: 'promise-ignored-abort', promiseId: promise.id, at: 'attempt' });
      });
      run.finished(result);
      if (result.text.trim() === '') return failure('could-not', 'It ended without a result.', false);
      return { type: 'complete', result: resultWithin(deps.redact, result.text) };
    } catch (error) {
      if (lost.aborted) return undefined;
      // What still runs is not to run elsewhere before its lease has run out.
      if (stopping.aborted) return run.ignoredAbort ? undefined : { type: 'hand-back' };
      if (timeout.signal.aborted && leftMs <= deps.timeoutMs) return deadlinePassed();
      if (timeout.signal.aborted) return failure('timeout', `It took longer than ${Math.round(deps.timeoutMs / 60_000)} minutes.`, true);
      if (isPortError(error)) return portFailure(error, reasonWithin(deps.redact, error, promise.chatId), promise, run);
      events.emit({ type: 'executor-crashed', promiseId: promise.id, error });
      return failure('unknown', reasonWithin(deps.redact, error, promise.chatId), false);
    } finally {
      notes.end();
      cancelTimeout();
    }
  };

  const failure = (code: string, message: string, retryable: boolean, retryAfterMs = 0): End => ({
    type: 'fail',
    error: { code, message },
    retryable,
    jitter: randomness.fraction(),
    retryAfterMs,
  });

  /**
   * What asks to be left alone, and has done nothing yet, is no attempt: the promise waits for it, for a day at the
   * most.
   */
  const portFailure = ({ code, retryable, retryAfterMs = 0 }: PortError, message: string, promise: LeasedPromise, run: Run): End => {
    const waitMs = Math.min(retryAfterMs, MAX_COOLDOWN_MS);
    const isYoung = clock.now() - Math.max(promise.createdAt, promise.notBefore ?? 0) < MAX_COOLDOWN_MS;
    if (!retryable || waitMs <= MAX_WAIT_MS || !isYoung || isPaid(run.paid())) return failure(code, message, retryable, waitMs);
    return { type: 'hand-back', error: { code, message }, forMs: waitMs + Math.round(MAX_SPREAD_MS * randomness.fraction()) };
  };

  const deadlinePassed = (): End => failure(DEADLINE_PASSED.code, DEADLINE_PASSED.message, false);

  const workersLost = ({ lostLeases }: LeasedPromise): End =>
    failure(
      'promise/worker-lost',
      `Its worker died ${lostLeases} times while running it, so it is not run again. See the worker's log, then retry it.`,
      false,
    );

  /**
   * Asks failing storage again until it knows: work that is done is not to be done twice. Whether it is still ours to
   * end, storage says. An end that it refuses for good is recorded as a failure, once.
   */
  const record = async ({ id, attempts }: LeasedPromise, reached: End, stopping: AbortSignal) => {
    let end = reached;
    for (let failures = 1; ; failures++) {
      try {
        return { end, moved: await recordEnd(id, { ...end, at: clock.now(), workerId, attempt: attempts }) };
      } catch (error) {
        events.emit({ type: 'promise-end-not-recorded', promiseId: id, failures, reason: reasonOf(error), error });
        if (isPortError(error) && !error.retryable) {
          if (end !== reached) throw error;
          end = failure(error.code, 'It came to an end that could not be stored.', false);
          continue;
        }
        await sleep(clock, backoffMs(failures), stopping);
        if (stopping.aborted) throw error;
      }
    }
  };

  /** Counted apart from the end: it is paid whatever becomes of that. Tried once: the end waits for no repeat. */
  const recordUsage = async (
    { id, attempts, chatId }: LeasedPromise,
    startedAt: number,
    usage: Usage,
    model: string | undefined,
  ): Promise<void> => {
    if (!isPaid(usage)) return;
    const turn: Turn = {
      id: turnId(`promise-${id}-${attempts}-${randomness.id()}`.slice(0, 64)),
      chatId,
      agent: 'promises',
      startedAt,
      endedAt: clock.now(),
      outcome: 'attempt',
      usage,
      toolCalls: 0,
      ...present({ model }),
    };
    try {
      await deps.unitOfWork.run(({ turns }) => turns.add(turn));
    } catch (error) {
      events.emit({ type: 'usage-not-stored', promiseId: id, chatId, usage, reason: reasonOf(error) });
    }
  };

  const tell = (
    promise: LeasedPromise,
    end: End,
    moved: Result<AgentPromise, TransitionRefusal> | undefined,
    run: { readonly usage: Usage; readonly durationMs: number },
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
      ...run,
    });
  };

  return async (promise, signals, onExecuted) => {
    events.emit({
      type: 'promise-attempt-started',
      promiseId: promise.id,
      attempt: promise.attempts,
      chatId: promise.chatId,
    });
    let usage = NO_USAGE;
    const pay = (paid: Usage): void => {
      usage = addUsage(usage, paid);
    };
    const startedAt = clock.now();
    let model: string | undefined;
    const run: Run = {
      ignoredAbort: false,
      pay,
      paid: () => usage,
      finished: (result) => {
        usage = mostUsage(usage, result.usage);
        model = result.model;
      },
    };
    const end = promise.lostLeases > MAX_LOST_LEASES ? workersLost(promise) : await execute(promise, signals, run);
    onExecuted?.();
    await recordUsage(promise, startedAt, usage, model);
    try {
      const recorded = end && (await record(promise, end, signals.stopping));
      if (recorded) tell(promise, recorded.end, recorded.moved, { usage, durationMs: clock.now() - startedAt });
      if (!recorded?.moved?.ok && !run.ignoredAbort) await releaseLease(promise);
    } catch (error) {
      events.emit({ type: 'promise-end-unknown', promiseId: promise.id, reason: reasonOf(error) });
    }
  };
};
