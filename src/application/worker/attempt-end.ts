import { MAX_ANSWER_LENGTH } from '../../domain/agent/agent.ts';
import { unknownActsNote } from '../../domain/agent/run-step.ts';
import { type ChatId, isLocalChat } from '../../domain/chat/ids.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { DEADLINE_PASSED, type PromiseCommand } from '../../domain/promise/transition.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import { type PortError, reasonFor } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { RunRecord } from '../../ports/run-journal.ts';
import { MAX_COOLDOWN_MS, MAX_WAIT_MS } from '../models/cooldowns.ts';
import { CUT_NOTE, redactBeginning, redactedBeginning } from '../tools/redact-beginning.ts';

type Without<C extends PromiseCommand> = C extends { type: 'complete' | 'fail' | 'hand-back' | 'await-approval' }
  ? Omit<C, 'at' | 'workerId' | 'attempt'>
  : never;

/** How an attempt ended, as a command without its attempt. */
export type AttemptEnd = Without<PromiseCommand>;

/** What ends need beside the promise: `fraction` in [0, 1) spreads retries. */
export interface EndContext {
  readonly redact: Redact;
  readonly fraction: () => number;
}

/** Promises that wait for the same thing do not all start at once. */
const MAX_SPREAD_MS = 5_000;
const MAX_REASON_LENGTH = 2_000;

/** The result, cut to the length of an answer, whatever the executor gives. */
export const completed = ({ redact, fraction }: EndContext, result: string): AttemptEnd => {
  if (result.trim() === '') return failed({ fraction }, 'could-not', 'It ended without a result.', false);
  const { text, isCut } = redactedBeginning(redact, result, MAX_ANSWER_LENGTH + 2 * CUT_NOTE.length);
  return { type: 'complete', result: isCut ? `${beginningOf(text, MAX_ANSWER_LENGTH)}\n\n${CUT_NOTE}` : text };
};

export const failed = (
  { fraction }: Pick<EndContext, 'fraction'>,
  code: string,
  message: string,
  retryable: boolean,
  retryAfterMs = 0,
): AttemptEnd => ({ type: 'fail', error: { code, message }, retryable, jitter: fraction(), retryAfterMs });

export const deadlinePassed = (context: EndContext): AttemptEnd => failed(context, DEADLINE_PASSED.code, DEADLINE_PASSED.message, false);

export const workersLost = (context: EndContext, { lostLeases }: LeasedPromise): AttemptEnd =>
  failed(
    context,
    'promise/worker-lost',
    `Its worker died ${lostLeases} times while running it, so it is not run again. See the worker's log, then retry it.`,
    false,
  );

/** An error that is not a PortError. */
export const crashed = (context: EndContext, error: unknown, { chatId }: LeasedPromise): AttemptEnd =>
  failed(context, 'unknown', reasonWithin(context.redact, error, chatId), false);

/**
 * A failure of a port. If nothing was paid yet and the other side asks for a pause, the attempt does not count: the
 * promise waits for it, for at most a day.
 */
export const portFailed = (context: EndContext, error: PortError, promise: LeasedPromise, isPaid: boolean, now: number): AttemptEnd => {
  const { code, retryable, retryAfterMs = 0 } = error;
  const message = reasonWithin(context.redact, error, promise.chatId);
  const waitMs = Math.min(retryAfterMs, MAX_COOLDOWN_MS);
  const isYoung = now - Math.max(promise.createdAt, promise.notBefore ?? 0) < MAX_COOLDOWN_MS;
  if (!retryable || waitMs <= MAX_WAIT_MS || !isYoung || isPaid) return failed(context, code, message, retryable, waitMs);
  return { type: 'hand-back', error: { code, message }, forMs: waitMs + Math.round(MAX_SPREAD_MS * context.fraction()) };
};

/** A failure, with what people must be told of calls whose outcome is not known. A result tells that by itself. */
export const tellingUnknownActs = (end: AttemptEnd, run: RunRecord | undefined): AttemptEnd => {
  const note = run && end.type === 'fail' ? unknownActsNote(run.steps()) : '';
  if (note === '' || end.type !== 'fail') return end;
  return { ...end, error: { ...end.error, message: `${end.error.message} ${note}` } };
};

const reasonWithin = (redact: Redact, error: unknown, chatId: ChatId): string =>
  redactBeginning(redact, reasonFor(error, isLocalChat(chatId) ? 'operator' : 'anybody'), MAX_REASON_LENGTH);
