import type { ChatId } from '../../domain/chat/ids.ts';
import type { ActiveSchedule, Schedule, ScheduleId } from '../../domain/promise/schedule.ts';

export interface ScheduleStore {
  /** Resolves to numbers that are never given out again, in rising order. A number may stay unused. */
  reserveIds(count: number): Promise<readonly ScheduleId[]>;
  add(schedules: readonly Schedule[]): Promise<void>;
  /** Inside a unit of work, nobody else changes the schedule until the unit ends. */
  get(id: ScheduleId): Promise<Schedule | undefined>;
  /** Newest first. `activeOnly` leaves out ended ones, `before` all but those with a lower number. */
  find(filter: {
    readonly chatId?: ChatId;
    readonly activeOnly?: boolean;
    readonly before?: ScheduleId;
    readonly limit: number;
  }): Promise<readonly Schedule[]>;
  /** Active schedules whose next tick is not after `now`, earliest first. */
  due(now: number, limit: number): Promise<readonly ActiveSchedule[]>;
  /** The earliest next tick of an active schedule. */
  nextAt(): Promise<number | undefined>;
  /**
   * MUST reject with PortError `concurrency` when the stored version differs from `schedule.version`; the stored
   * version then grows by one.
   */
  save(schedule: Schedule): Promise<void>;
}
