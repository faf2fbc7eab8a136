import type { Refusal, Result } from '../domain/shared/result.ts';

export type CalendarRefusal = Refusal<'schedule/invalid-cron' | 'schedule/unknown-time-zone' | 'schedule/never'>;

/** Computes the times of a cron expression. */
export interface CronCalendar {
  /**
   * Gives the first time (ms since 1970) after `after` that matches `cron` (minute, hour, day of the month, month, day
   * of the week) in `timeZone` (IANA name). A time of day that is skipped when clocks go forward matches right after
   * the change. A time of day that comes twice when clocks go back matches once; expressions for every hour or every
   * few minutes keep their pace. MUST refuse, in words, an expression without five fields, an unknown time zone, and an
   * expression that never matches.
   */
  next(cron: string, timeZone: string, after: number): Result<number, CalendarRefusal>;
}
