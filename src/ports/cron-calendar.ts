import type { Refusal, Result } from '../domain/shared/result.ts';

export type CalendarRefusal = Refusal<'schedule/invalid-cron' | 'schedule/unknown-time-zone' | 'schedule/never'>;

/** Knows when a cron expression falls. */
export interface CronCalendar {
  /**
   * The first time (ms since 1970) after `after` at which `cron` (minute, hour, day of the month, month, day of the
   * week) falls on the clocks of `timeZone` (IANA name). Where clocks go forward over a time of day, it falls when they
   * have; where they go back, a time of day falls once, and what falls every hour or every few minutes goes on at that
   * pace. MUST refuse, in words, what is no expression of five fields, no known time zone, or never falls.
   */
  next(cron: string, timeZone: string, after: number): Result<number, CalendarRefusal>;
}
