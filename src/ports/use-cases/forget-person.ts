import type { UserId } from '../../domain/chat/ids.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { ScheduleId } from '../../domain/promise/schedule.ts';
import type { Echo } from '../../domain/recall/echo.ts';
import type { PersonalCounts, PersonalSurvey } from '../storage/personal-data.ts';

/** What would go, and what would be ended first. */
export interface ForgetPreview {
  readonly counts: PersonalCounts;
  readonly promises: readonly PromiseId[];
  readonly schedules: readonly ScheduleId[];
  /** Whether a run has begun and not come to its end: what it erased may still stand in files of the engine. */
  readonly isUnfinished: boolean;
}

export interface ForgottenPerson {
  readonly counts: PersonalCounts;
  /** Promises that a worker still ran when they were erased: what it writes of them may still come to the log. */
  readonly running: readonly PromiseId[];
  /** Where words stay beyond the reach of Kept, and until when. */
  readonly stays: readonly string[];
}

/** Erases what is kept of a person outside of the storage; with `dryRun`, it only counts. Repeatable. */
export type ForgetElsewhere = (
  person: UserId,
  survey: PersonalSurvey,
  how: { readonly echo: Echo; readonly dryRun: boolean },
) => Promise<PersonalCounts>;

export interface ForgetPerson {
  /** Reads only. */
  preview(person: UserId): Promise<ForgetPreview>;
  /** Once it has begun to erase, `signal` no longer stops it. */
  forget(person: UserId, signal: AbortSignal): Promise<ForgottenPerson>;
}
