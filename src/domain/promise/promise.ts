import type { ChatKind } from '../chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../chat/ids.ts';
import { type Brand, wholeNumber } from '../shared/brand.ts';

/** A promise's number, from 1: what people see and type. */
export type PromiseId = Brand<number, 'PromiseId'>;
export const promiseId = (raw: number | string): PromiseId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, 'a promise number', 1) as PromiseId;

export const TASK_TYPES = ['code', 'search', 'analysis'] as const;
export type TaskType = (typeof TASK_TYPES)[number];

export const PROMISE_STATUSES = ['waiting', 'pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type PromiseStatus = (typeof PROMISE_STATUSES)[number];

/** What was asked of a promise, or of each that a schedule makes. */
export interface TaskTerms {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  /** The message that asked for it; each result is a reply to that. */
  readonly messageId?: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
  readonly description: string;
  /** The name of the agent that does the work. */
  readonly agent: string;
  readonly taskType: TaskType;
  /**
   * Whose share of the workers it uses: the workspace's name in its groups, elsewhere the chat's id. See `tenantOf`.
   */
  readonly tenant: string;
  /** 1 (first) to 10 (last). */
  readonly priority: number;
  readonly retry: RetryPolicy;
  readonly createdAt: number;
}

/** What was asked: fixed when the promise is made. */
export interface PromiseSpec extends TaskTerms {
  readonly id: PromiseId;
  readonly dependsOn: readonly PromiseId[];
  /** It does not start before this time (ms since 1970). */
  readonly notBefore?: number;
  /**
   * It fails, whatever its state, when it has not completed by this time (ms since 1970). A retry by hand after that
   * lets it go.
   */
  readonly deadline?: number;
  /** At most one promise per key and chat is ever stored; a key is free again once its promise is purged. */
  readonly idempotencyKey?: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** How often, and how far apart, retryable failures are tried again. */
export interface RetryPolicy {
  readonly maxAttempts: number;
  /** The wait before the second attempt; it doubles for each one after that. */
  readonly backoffMs: number;
}

/**
 * A retry policy and nothing else, whatever the object that it is taken from holds beside; with the default of what is
 * absent.
 */
export const retryPolicy = ({
  maxAttempts = 3,
  backoffMs = 60_000,
}: { readonly [K in keyof RetryPolicy]?: RetryPolicy[K] | undefined } = {}): RetryPolicy => ({ maxAttempts, backoffMs });

export const DEFAULT_RETRY: RetryPolicy = retryPolicy();
/**
 * Executions that ended because their worker died. Past this the work is taken to be what kills the workers, and is not
 * run again.
 */
export const MAX_LOST_LEASES = 10;

interface Counted {
  /** Executions begun, whatever became of them. */
  readonly attempts: number;
  /** Executions that ended in a retryable error since it was made or last retried by hand. */
  readonly failures: number;
  /** Executions whose worker died, counted likewise. */
  readonly lostLeases: number;
  /** Grows with each saved change; a heartbeat or progress is none. */
  readonly version: number;
}

/** The exclusive right to run a promise, until `expiresAt` (ms since 1970). */
export interface Lease {
  readonly workerId: string;
  readonly expiresAt: number;
}

/** What a running attempt has told of itself. */
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
  | { readonly status: 'waiting' }
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
 * What settled over its worker's head keeps the lease of that run, which may not have ended, until the worker says that
 * it has, or is known to be dead.
 */
interface CutShort {
  readonly lease?: Lease;
}

export type PendingPromise = Extract<AgentPromise, { status: 'pending' }>;
export type LeasedPromise = Extract<AgentPromise, { status: 'in_progress' }>;
export type SettledPromise = Extract<AgentPromise, { status: 'completed' | 'failed' | 'cancelled' }>;

export const isSettled = (promise: AgentPromise): promise is SettledPromise =>
  promise.status === 'completed' || promise.status === 'failed' || promise.status === 'cancelled';
