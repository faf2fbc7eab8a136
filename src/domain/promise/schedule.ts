import { type Brand, wholeNumber } from '../shared/brand.ts';
import { present } from '../shared/present.ts';
import { ok, type Refusal, type Result, refuse } from '../shared/result.ts';
import { taskFields } from './fields.ts';
import type { PromiseId, TaskTerms } from './promise.ts';

/** A schedule's number, from 1: what people see and type. */
export type ScheduleId = Brand<number, 'ScheduleId'>;
export const scheduleId = (raw: number | string): ScheduleId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, 'a schedule number', 1) as ScheduleId;

/** What was asked: fixed when the schedule is made, and the terms of each promise that it makes. */
export interface ScheduleSpec extends TaskTerms {
  readonly id: ScheduleId;
  /** When it ticks: a cron expression of five fields, read in `timeZone` (IANA name). */
  readonly cron: string;
  readonly timeZone: string;
}

/** Makes a promise at each of its ticks, until it is ended. */
export type Schedule = ScheduleSpec & {
  /** The promise of its last tick that made one. */
  readonly lastPromiseId?: PromiseId;
  /** Grows with each saved change. */
  readonly version: number;
} & ScheduleState;

export type ScheduleState = { readonly status: 'active'; readonly nextAt: number } | { readonly status: 'ended'; readonly endedAt: number };

export type ActiveSchedule = Extract<Schedule, { status: 'active' }>;

export type ScheduleEndRefusal = Refusal<'schedule/already-ended'>;

export const makeSchedule = (terms: ScheduleSpec, nextAt: number): ActiveSchedule => ({
  ...scheduleTermsFields(terms),
  version: 0,
  status: 'active',
  nextAt,
});

const scheduleTermsFields = (terms: ScheduleSpec): ScheduleSpec => ({
  ...taskFields(terms),
  id: terms.id,
  cron: terms.cron,
  timeZone: terms.timeZone,
});

/** A schedule and nothing else, whatever the object that it is taken from holds beside. */
export const scheduleFields = (schedule: Schedule): Schedule => ({
  ...scheduleTermsFields(schedule),
  version: schedule.version,
  ...present({ lastPromiseId: schedule.lastPromiseId }),
  ...(schedule.status === 'active'
    ? { status: schedule.status, nextAt: schedule.nextAt }
    : { status: schedule.status, endedAt: schedule.endedAt }),
});

/** The schedule after a tick, which made that promise, or none. */
export const advance = (schedule: ActiveSchedule, nextAt: number, made?: PromiseId): ActiveSchedule => ({
  ...schedule,
  nextAt,
  ...present({ lastPromiseId: made }),
});

export const endSchedule = (schedule: Schedule, at: number): Result<Schedule, ScheduleEndRefusal> => {
  if (schedule.status === 'ended') return refuse('schedule/already-ended', `schedule #${schedule.id} has ended already`);
  const { status: _, nextAt: __, ...rest } = schedule;
  return ok({ ...rest, status: 'ended', endedAt: at });
};

/**
 * The idempotency key of a tick: each tick makes one promise, whichever process makes it. `at` is the tick's time, in
 * ms since 1970.
 */
export const tickKey = (id: ScheduleId, at: number): string => `schedule:${id}:${new Date(at).toISOString()}`;
