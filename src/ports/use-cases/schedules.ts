import type { Schedule, ScheduleEndRefusal, ScheduleId } from '../../domain/promise/schedule.ts';
import type { Refusal, Result } from '../../domain/shared/result.ts';
import type { CalendarRefusal } from '../cron-calendar.ts';
import type { ToolContext } from '../tool.ts';
import type { PromiseOrigin, TaskRefusal, TaskRequest, TurnRequest } from './make-promise.ts';

export interface ScheduleRequest extends TaskRequest {
  /** When the schedule ticks: a cron expression of five fields. */
  readonly cron: string;
  /** The time zone of `cron`: an IANA name. Default: the time zone of the process. */
  readonly timeZone?: string;
}

export type MakeScheduleRefusal = TaskRefusal | CalendarRefusal | Refusal<'schedule/no-calendar' | 'schedule/too-many'>;
export type EndScheduleRefusal = ScheduleEndRefusal | Refusal<'schedule/not-found' | 'promise/invalid' | 'promise/not-allowed'>;

/**
 * Makes a schedule, for a program or an operator. Once it resolves, the schedule is durable. Rejects with PortError.
 */
export type MakeSchedule = (request: ScheduleRequest, origin: PromiseOrigin) => Promise<Result<Schedule, MakeScheduleRefusal>>;

/** Makes a schedule part of the turn in `context`: it is stored with that turn's reply, or not at all. */
export type DraftSchedule = (request: TurnRequest<ScheduleRequest>, context: ToolContext) => Promise<Result<Schedule, MakeScheduleRefusal>>;

/**
 * Ends a schedule at once, for a program or an operator. Its promises stay. `once`: the name of a claim of
 * `RequestKeys`; where its effect is stored already, nothing is changed. Rejects with PortError.
 */
export type CancelSchedule = (
  id: ScheduleId,
  options?: { readonly once?: string | undefined },
) => Promise<Result<Schedule, EndScheduleRefusal>>;

/** Makes the end of a schedule part of the turn in `context`. Only schedules of that turn's chat can be ended. */
export type DraftScheduleEnd = (id: ScheduleId, context: ToolContext) => Promise<Result<Schedule, EndScheduleRefusal>>;
