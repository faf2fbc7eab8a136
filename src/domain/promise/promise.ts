import type { ApprovalId } from '../approval/approval-id.ts';
import type { ChatKind } from '../chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../chat/ids.ts';
import { type Brand, wholeNumber } from '../shared/brand.ts';
import type { Provenance } from '../trust/labels.ts';

/** A promise's number, from 1: what people see and type. */
export type PromiseId = Brand<number, 'PromiseId'>;
export const promiseId = (raw: number | string): PromiseId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, 'a promise number', 1) as PromiseId;

export const TASK_TYPES = ['code', 'search', 'analysis'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export const PROMISE_STATUSES = ['waiting', 'pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type PromiseStatus = (typeof PROMISE_STATUSES)[number];

/** The terms of one task: of a promise, or of each promise that a schedule makes. */
export interface TaskTerms {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  /** The message that asked for the task. Results are replies to it. */
  readonly messageId?: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
  readonly description: string;
  /** The name of the agent that does the work. */
  readonly agent: string;
  readonly taskType: TaskType;
  /** The tenant whose quota the task counts against; see `tenantOf`. */
  readonly tenant: string;
  /** 1 (first) to 10 (last). */
  readonly priority: number;
  readonly retry: RetryPolicy;
  readonly createdAt: number;
  /** Where its words come from; of a promise that was tried, those of its result, too. Absent: that is not known. */
  readonly provenance?: Provenance;
}

/** The terms of a promise, fixed when it is made. */
export interface PromiseSpec extends TaskTerms {
  readonly id: PromiseId;
  readonly dependsOn: readonly PromiseId[];
  /** The promise does not start before this time (ms since 1970). */
  readonly notBefore?: number;
  /**
   * The promise fails, whatever its state, if it has not completed by this time (ms since 1970). A retry by hand after
   * that time removes the deadline.
   */
  readonly deadline?: number;
  /** At most one promise per key and chat is stored. A key can be used again once its promise is purged. */
  readonly idempotencyKey?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** How often retryable failures are tried again, and how long to wait in between. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** The wait before the second attempt; it doubles for each one after that. */
  readonly backoffMs: number;
}

/** Takes only the fields of a retry policy from an object, with defaults for absent ones. */
export const retryPolicy = ({
  maxAttempts = 3,
  backoffMs = 60_000,
}: { readonly [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined } = {}): RetryPolicy => ({ maxAttempts, backoffMs });

export const DEFAULT_RETRY: RetryPolicy = retryPolicy();

/**
 * The most executions that may end because their worker died, beside one for each reply of a model that is stored for
 * them. After that, the work is assumed to kill the workers, and is not run again.
 */
export const MAX_LOST_LEASES = 10;

interface Counted {
  /** Executions begun, whatever their result. */
  readonly attempts: number;
  /** Executions that ended in a retryable error since the promise was made or last retried by hand. */
  readonly failures: number;
  /** Executions whose worker died, since the promise was made or last retried by hand. */
  readonly lostLeases: number;
  /** Grows with each saved change. Heartbeats and progress do not count. */
  readonly version: number;
}

/** The exclusive right to run a promise, until `expiresAt` (ms since 1970). */
export interface Lease {
  readonly workerId: string;
  readonly expiresAt: number;
}

/** The progress of a running attempt, in words. */
export interface PromiseProgress {
  readonly text: string;
  /** ms since 1970. */
  readonly at: number;
}

export interface PromiseFailure {
  readonly code: string;
  readonly message: string;
}

/** A durable background task, in exactly one state. */
export type AgentPromise = PromiseSpec & Counted & PromiseState;

export type PromiseState =
  /** For the promises that it depends on; with `approvalId`, for that approval too. */
  | { readonly status: 'waiting'; readonly approvalId?: ApprovalId }
  | { readonly status: 'pending'; readonly dueAt: number; readonly lastError?: PromiseFailure }
  | {
      readonly status: 'in_progress';
      readonly startedAt: number;
      readonly lease: Lease;
      readonly progress?: PromiseProgress;
      readonly lastError?: PromiseFailure;
    }
  | { readonly status: 'completed'; readonly completedAt: number; readonly result: string; readonly deliveredAt?: number }
  | ({ readonly status: 'failed'; readonly completedAt: number; readonly error: PromiseFailure; readonly deliveredAt?: number } & CutShort)
  | ({ readonly status: 'cancelled'; readonly completedAt: number; readonly reason: string; readonly deliveredAt?: number } & CutShort);

/**
 * A promise cancelled or expired while running keeps its lease until the worker confirms that the run ended, or is
 * known to be dead.
 */
interface CutShort {
  readonly lease?: Lease;
}

export type PendingPromise = Extract<AgentPromise, { status: 'pending' }>;
export type LeasedPromise = Extract<AgentPromise, { status: 'in_progress' }>;
export type SettledPromise = Extract<AgentPromise, { status: 'completed' | 'failed' | 'cancelled' }>;

export const isSettled = (promise: AgentPromise): promise is SettledPromise =>
  promise.status === 'completed' || promise.status === 'failed' || promise.status === 'cancelled';
