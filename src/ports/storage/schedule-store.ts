import type { ChatId } from '../../domain/chat/ids.ts';
import type { ActiveSchedule, Schedule, ScheduleId } from '../../domain/promise/schedule.ts';

export interface ScheduleStore {
  /**
   * Numbers never handed out before or again, in rising order; a number whose schedule is never stored stays unused.
   */
  reserveIds(count: number): Promise<readonly ScheduleId[]>;
  add(schedules: readonly Schedule[]): Promise<void>;
  /** Inside a unit of work: nobody else changes it until that ends. */
  get(id: ScheduleId): Promise<Schedule | undefined>;
  /** Newest first; active ones alone where asked for. */
  find(filter: { readonly chatId?: ChatId; readonly activeOnly?: boolean; readonly limit: number }): Promise<readonly Schedule[]>;
  /** Active, and their next tick is not after `now`; the earliest first. */
  due(now: number, limit: number): Promise<readonly ActiveSchedule[]>;
  /** The earliest next tick. */
  nextAt(): Promise<number | undefined>;
  /**
   * MUST reject with PortError `concurrency` when the stored version differs from `schedule.version`; the stored
   * version then grows by one.
   */
  save(schedule: Schedule): Promise<void>;
}
