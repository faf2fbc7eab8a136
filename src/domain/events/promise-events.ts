import type { ChatId } from '../chat/ids.ts';
import type { Usage } from '../conversation/turn.ts';
import type { PromiseFailure, PromiseId, PromiseStatus, TaskType } from '../promise/promise.ts';
import type { ScheduleId } from '../promise/schedule.ts';

interface AboutAttempt {
  readonly promiseId: PromiseId;
  /** Counted from 1. */
  readonly attempt: number;
  readonly chatId: ChatId;
}

/** A promise, from its making to its outcome, and the schedules that make promises. */
export type PromiseEvent =
  | {
      readonly type: 'promise-made';
      readonly promiseId: PromiseId;
      readonly chatId: ChatId;
      readonly taskType: TaskType;
      readonly by: 'turn' | 'program' | 'schedule';
    }
  | {
      readonly type: 'promise-commanded';
      readonly promiseId: PromiseId;
      readonly command: string;
      readonly status: PromiseStatus;
    }
  | {
      readonly type: 'promise-command-refused';
      readonly promiseId: PromiseId;
      readonly command: string;
      readonly reason: string;
    }
  | (AboutAttempt & { readonly type: 'promise-attempt-started' })
  | (AboutAttempt & {
      readonly type: 'promise-attempt-ended';
      readonly taskType: TaskType;
      /** The agent that keeps it. */
      readonly agent: string;
      /** The promise's status afterwards. */
      readonly status: PromiseStatus;
      readonly end: 'complete' | 'fail' | 'hand-back' | 'await-approval';
      /** Why it failed, or could not begin. */
      readonly reason?: PromiseFailure;
      /** How long it waits before the next attempt, in ms. */
      readonly waitMs?: number;
      readonly usage: Usage;
      readonly durationMs: number;
    })
  | (AboutAttempt & { readonly type: 'promise-end-dropped'; readonly reason: string })
  | {
      readonly type: 'promise-end-not-recorded';
      readonly promiseId: PromiseId;
      readonly failures: number;
      readonly reason: string;
      readonly error: unknown;
    }
  | { readonly type: 'promise-end-unknown'; readonly promiseId: PromiseId; readonly reason: string }
  | (AboutAttempt & { readonly type: 'promise-run-aborted'; readonly reason: string })
  | {
      readonly type: 'promise-ignored-abort';
      readonly promiseId: PromiseId;
      /** `stop`: this process ends, and leaves the run to its lease. */
      readonly at: 'attempt' | 'stop';
    }
  | { readonly type: 'executor-crashed'; readonly promiseId: PromiseId; readonly error: unknown }
  | {
      readonly type: 'promise-deadline-missed';
      readonly promiseId: PromiseId;
      readonly chatId: ChatId;
      readonly was: PromiseStatus;
    }
  | { readonly type: 'promise-progress-not-stored'; readonly promiseId: PromiseId; readonly reason: string }
  | { readonly type: 'promise-delivered'; readonly promiseId: PromiseId; readonly chatId: ChatId }
  | { readonly type: 'promises-purged'; readonly count: number; readonly olderThanMs?: number }
  | { readonly type: 'heartbeat-failed'; readonly reason: string; readonly error: unknown }
  | { readonly type: 'leases-not-released'; readonly promiseIds: readonly PromiseId[]; readonly reason: string }
  | {
      readonly type: 'schedule-made';
      readonly scheduleId: ScheduleId;
      readonly chatId: ChatId;
      readonly cron: string;
      readonly timeZone: string;
    }
  | {
      readonly type: 'schedule-ended';
      readonly scheduleId: ScheduleId;
      readonly chatId: ChatId;
      /** Why it was ended; present where nobody asked for that. */
      readonly reason?: string;
      /** ISO 8601; present where it was ended by a tick. */
      readonly tickAt?: string;
    }
  | {
      readonly type: 'schedule-ticked';
      readonly scheduleId: ScheduleId;
      /** ISO 8601. */
      readonly tickAt: string;
      readonly chatId: ChatId;
      readonly promiseId: PromiseId;
    }
  | {
      readonly type: 'schedule-tick-skipped';
      readonly scheduleId: ScheduleId;
      readonly tickAt: string;
      readonly chatId: ChatId;
      readonly reason: string;
    };
