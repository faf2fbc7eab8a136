import type { ApprovalId } from '../approval/approval-id.ts';
import { doublingMs } from '../shared/backoff.ts';
import { present } from '../shared/present.ts';
import { ok, type Refusal, type Result, refuse as refusal } from '../shared/result.ts';
import { joined, type Provenance } from '../trust/labels.ts';
import { termsFields } from './fields.ts';
import {
  type AgentPromise,
  isSettled,
  type Lease,
  type LeasedPromise,
  type PromiseFailure,
  type PromiseSpec,
  type PromiseState,
} from './promise.ts';

/**
 * A command to a promise. `at` is the time of the command, in ms since 1970; `provenance` says what an attempt was
 * shown.
 */
export type PromiseCommand =
  /** All parents completed, and no approval is waited for. */
  | { readonly type: 'release'; readonly at: number }
  /** A worker starts it. It is due, or its last worker's lease has expired. */
  | { readonly type: 'start'; readonly at: number; readonly workerId: string; readonly leaseMs: number }
  | {
      readonly type: 'complete';
      readonly at: number;
      readonly workerId: string;
      readonly attempt: number;
      readonly result: string;
      readonly provenance?: Provenance;
    }
  /** `jitter` in [0, 1) spreads retries. */
  | {
      readonly type: 'fail';
      readonly at: number;
      readonly workerId: string;
      readonly attempt: number;
      readonly error: PromiseFailure;
      readonly retryable: boolean;
      readonly jitter: number;
      /** The shortest wait before the next attempt, whatever the back-off. */
      readonly retryAfterMs?: number;
      readonly provenance?: Provenance;
    }
  /**
   * The worker gives the promise back before its end, and the attempt does not count: the worker stops, or what the
   * work needs is unavailable for `forMs`, because of `error`.
   */
  | {
      readonly type: 'hand-back';
      readonly at: number;
      readonly workerId: string;
      readonly attempt: number;
      readonly forMs?: number;
      readonly error?: PromiseFailure;
    }
  /**
   * The run can't go on before a person has decided: the worker gives the promise back until then. The attempt counts,
   * so that none that follows has its number.
   */
  | {
      readonly type: 'await-approval';
      readonly at: number;
      readonly workerId: string;
      readonly attempt: number;
      readonly approvalId: ApprovalId;
    }
  /** The approval that it waits for is decided: it goes on, or waits for its parents alone. */
  | { readonly type: 'go-on'; readonly at: number; readonly approvalId: ApprovalId }
  | { readonly type: 'cancel'; readonly at: number; readonly reason: string }
  /** A parent failed or was cancelled. */
  | { readonly type: 'abandon'; readonly at: number; readonly error: PromiseFailure }
  /** Its deadline has passed. `note`: what people must know beside that. */
  | { readonly type: 'expire'; readonly at: number; readonly note?: string }
  /**
   * A retry by hand after the promise failed or was cancelled, once no run of it can still go on. A promise that
   * depends on others waits for them again.
   */
  | { readonly type: 'retry'; readonly at: number };

/** A retry refused with `promise/lease-held` says when it becomes possible (`retryAfterMs`). */
export type TransitionRefusal = Refusal<
  | 'promise/already-settled'
  | 'promise/not-settled'
  | 'promise/not-waiting'
  | 'promise/awaits-approval'
  | 'promise/not-due'
  | 'promise/deadline-ahead'
  | 'promise/lease-held'
  | 'promise/lease-lost'
>;

/** A new promise: waiting for an approval or for its parents, or due when it may start. */
export const makePromise = (terms: PromiseSpec, approvalId?: ApprovalId): AgentPromise => ({
  ...termsFields(terms),
  attempts: 0,
  failures: 0,
  lostLeases: 0,
  version: 0,
  ...(approvalId === undefined ? firstState(terms, terms.createdAt) : { status: 'waiting', approvalId }),
});

const firstState = (terms: PromiseSpec, at: number): PromiseState => (terms.dependsOn.length > 0 ? { status: 'waiting' } : due(terms, at));

/** Due at `at`, but never before `notBefore`: a clock may be set back. */
const due = ({ notBefore = 0 }: PromiseSpec, at: number, lastError?: PromiseFailure): PromiseState => ({
  status: 'pending',
  dueAt: Math.max(at, notBefore),
  ...(lastError && { lastError }),
});

/** Why a promise fails at its deadline. No attempt is made after that. */
export const DEADLINE_PASSED: PromiseFailure = { code: 'promise/deadline-passed', message: 'It was not done by its deadline.' };

/**
 * Returns the promise after the command, or why the command is refused. Pure: time and randomness come with the
 * command.
 */
export const transition = (promise: AgentPromise, command: PromiseCommand): Result<AgentPromise, TransitionRefusal> => {
  switch (command.type) {
    case 'release':
      if (promise.status !== 'waiting') return refuse('promise/not-waiting', promise);
      if (promise.approvalId !== undefined) return refuse('promise/awaits-approval', promise);
      return ok(become(promise, due(promise, command.at)));
    case 'start':
      return start(promise, command);
    case 'complete':
      return ifLeased(promise, command, () => {
        const told = inheriting(promise, command);
        return become(told, { status: 'completed', completedAt: command.at, result: command.result });
      });
    case 'fail':
      return ifLeased(promise, command, (leased) => failed(inheriting(leased, command), command));
    case 'hand-back':
      return ifLeased(promise, command, (leased) => ({
        ...become(leased, due(leased, command.at + (command.forMs ?? 0), command.error ?? leased.lastError)),
        attempts: leased.attempts - 1,
      }));
    case 'await-approval':
      return ifLeased(promise, command, () => become(promise, { status: 'waiting', approvalId: command.approvalId }));
    case 'go-on':
      // Whether its parents have completed is seen once it waits for nothing else.
      return promise.status === 'waiting' && promise.approvalId === command.approvalId
        ? ok(become(promise, firstState(promise, command.at)))
        : refuse('promise/not-waiting', promise);
    case 'cancel':
      return isSettled(promise)
        ? refuse('promise/already-settled', promise)
        : ok(become(promise, { status: 'cancelled', completedAt: command.at, reason: command.reason, ...leaseOf(promise) }));
    case 'abandon':
      return promise.status === 'waiting'
        ? ok(become(promise, { status: 'failed', completedAt: command.at, error: command.error }))
        : refuse('promise/not-waiting', promise);
    case 'expire':
      return expire(promise, command);
    case 'retry':
      return retry(promise, command);
  }
};

const retry = (promise: AgentPromise, { at }: Extract<PromiseCommand, { type: 'retry' }>): Result<AgentPromise, TransitionRefusal> => {
  if (promise.status !== 'failed' && promise.status !== 'cancelled')
    return refuse(isSettled(promise) ? 'promise/already-settled' : 'promise/not-settled', promise);
  const retryAfterMs = (promise.lease?.expiresAt ?? at) - at;
  if (retryAfterMs > 0) return refusal('promise/lease-held', mayStillRun(promise, retryAfterMs), retryAfterMs);
  return ok({ ...become(withoutPassedDeadline(promise, at), firstState(promise, at)), failures: 0, lostLeases: 0 });
};

const mayStillRun = ({ id }: PromiseSpec, forMs: number): string =>
  `the last run of promise #${id} may not have ended yet; try again in ${Math.ceil(forMs / 1_000)} s`;

const expire = (
  promise: AgentPromise,
  { at, note }: Extract<PromiseCommand, { type: 'expire' }>,
): Result<AgentPromise, TransitionRefusal> => {
  if (isSettled(promise)) return refuse('promise/already-settled', promise);
  if (promise.deadline === undefined || promise.deadline > at) return refuse('promise/deadline-ahead', promise);
  const error = note === undefined ? DEADLINE_PASSED : { ...DEADLINE_PASSED, message: `${DEADLINE_PASSED.message} ${note}` };
  return ok(become(promise, { status: 'failed', completedAt: at, error, ...leaseOf(promise) }));
};

const withoutPassedDeadline = (promise: AgentPromise, at: number): AgentPromise => {
  if (promise.deadline === undefined || promise.deadline > at) return promise;
  const { deadline: _, ...rest } = promise;
  return rest;
};

const start = (promise: AgentPromise, command: Extract<PromiseCommand, { type: 'start' }>): Result<AgentPromise, TransitionRefusal> => {
  if (promise.status !== 'pending' && promise.status !== 'in_progress') return refuse('promise/not-due', promise);
  if (promise.status === 'pending' && promise.dueAt > command.at) return refuse('promise/not-due', promise);
  if (promise.status === 'in_progress' && promise.lease.expiresAt > command.at) return refuse('promise/lease-held', promise);
  const lease = { workerId: command.workerId, expiresAt: command.at + command.leaseMs };
  return ok({
    ...become(promise, { status: 'in_progress', startedAt: command.at, lease, ...lastErrorOf(promise) }),
    attempts: promise.attempts + 1,
    lostLeases: promise.lostLeases + (promise.status === 'in_progress' ? 1 : 0),
  });
};

const failed = (promise: LeasedPromise, command: Extract<PromiseCommand, { type: 'fail' }>): AgentPromise => {
  const failures = promise.failures + 1;
  const state: PromiseState =
    command.retryable && failures < promise.retry.maxAttempts
      ? due(promise, command.at + Math.max(command.retryAfterMs ?? 0, backoff(promise, failures, command.jitter)), command.error)
      : { status: 'failed', completedAt: command.at, error: command.error };
  return { ...become(promise, state), failures };
};

/** Doubles from the policy's first wait; jitter adds up to a quarter. */
const backoff = ({ retry }: PromiseSpec, failures: number, jitter: number): number =>
  Math.round(doublingMs(failures, retry.backoffMs, Number.POSITIVE_INFINITY) * (1 + jitter / 4));

/** Only the worker that has the lease for this attempt may end it. */
const ifLeased = (
  promise: AgentPromise,
  claim: { readonly workerId: string; readonly attempt: number },
  then: (leased: LeasedPromise) => AgentPromise,
): Result<AgentPromise, TransitionRefusal> => {
  if (isSettled(promise)) return refuse('promise/already-settled', promise);
  return promise.status === 'in_progress' && promise.lease.workerId === claim.workerId && promise.attempts === claim.attempt
    ? ok(then(promise))
    : refuse('promise/lease-lost', promise);
};

/** What the attempt was shown is in the words of its end. */
const inheriting = <P extends AgentPromise>(promise: P, { provenance }: { readonly provenance?: Provenance }): P =>
  provenance ? { ...promise, provenance: joined([promise.provenance, provenance]) } : promise;

const leaseOf = (promise: AgentPromise): { lease?: Lease } => (promise.status === 'in_progress' ? { lease: promise.lease } : {});

const lastErrorOf = (promise: AgentPromise): { lastError?: PromiseFailure } =>
  'lastError' in promise && promise.lastError ? { lastError: promise.lastError } : {};

/** The promise in another state: without the old state's fields, with the new state's. */
const become = (promise: AgentPromise, state: PromiseState): AgentPromise => ({ ...termsAndCounts(promise), ...state });

const termsAndCounts = (promise: AgentPromise): Omit<AgentPromise, 'status'> => {
  const { id, chatId, chatKind, messageId, requestedBy, description, agent, taskType, tenant, priority, dependsOn } = promise;
  const { notBefore, deadline, retry, idempotencyKey, metadata, createdAt, attempts, failures, lostLeases, version, provenance } = promise;
  return {
    id,
    chatId,
    chatKind,
    requestedBy,
    description,
    agent,
    taskType,
    tenant,
    priority,
    dependsOn,
    retry,
    metadata,
    createdAt,
    ...present({ messageId, notBefore, deadline, idempotencyKey, provenance }),
    attempts,
    failures,
    lostLeases,
    version,
  };
};

const MESSAGES: Record<TransitionRefusal['code'], string> = {
  'promise/already-settled': 'has already ended',
  'promise/not-settled': 'has not failed or been cancelled, so there is nothing to retry',
  'promise/not-waiting': 'is not waiting',
  'promise/awaits-approval': 'waits for an approval',
  'promise/not-due': 'is not due',
  'promise/deadline-ahead': 'has no deadline that has passed',
  'promise/lease-held': 'is being run by another worker',
  'promise/lease-lost': 'is no longer held by this worker',
};

const refuse = (code: TransitionRefusal['code'], promise: AgentPromise): Result<never, TransitionRefusal> =>
  refusal(code, `promise #${promise.id} ${MESSAGES[code]} (status ${promise.status})`);
