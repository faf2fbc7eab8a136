import type { ChatId } from '../../domain/chat/ids.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import { MAX_ACTIVE_SCHEDULES_PER_CHAT } from '../../domain/promise/limits.ts';
import { endSchedule, type Schedule, type ScheduleId } from '../../domain/promise/schedule.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { ToolContext } from '../../ports/tool.ts';
import type { ScheduleRefusal } from './make-schedule.ts';

/** Ends a stored schedule, inside a unit of work. The promises that it made stand. */
export const endStored = async (
  { schedules }: Pick<Stores, 'schedules'>,
  id: ScheduleId,
  at: number,
): Promise<Result<Schedule, ScheduleRefusal>> => {
  const schedule = await schedules.get(id);
  if (!schedule) return notFound(id);
  const ended = endSchedule(schedule, at);
  if (!ended.ok) return ended;
  await schedules.save(ended.value);
  return ended;
};

export type CancelSchedule = (id: ScheduleId) => Promise<Result<Schedule, ScheduleRefusal>>;

/** Ends a schedule at once, for a program or an operator. */
export const makeCancelSchedule =
  (deps: { readonly unitOfWork: UnitOfWork; readonly clock: Clock; readonly logger: Logger }): CancelSchedule =>
  async (id) => {
    const ended = await deps.unitOfWork.run((stores) => endStored(stores, id, deps.clock.now()));
    if (ended.ok) deps.logger.info({ scheduleId: id, chatId: ended.value.chatId }, 'schedule ended');
    return ended;
  };

export type DraftScheduleEnd = (id: ScheduleId, context: ToolContext) => Promise<Result<Schedule, ScheduleRefusal>>;

/** Makes the end of a schedule part of a turn. Only schedules of that turn's own chat are in reach. */
export const makeDraftScheduleEnd =
  (deps: { readonly schedules: ScheduleStore; readonly clock: Clock }): DraftScheduleEnd =>
  async (id, { chatId, draft }) => {
    if (!draft) return err({ code: 'promise/invalid', message: 'a schedule can only be cancelled while a message is being answered' });
    const schedule = decidedIn(draft).schedules.find((drafted) => drafted.id === id) ?? (await deps.schedules.get(id));
    if (schedule?.chatId !== chatId) return notFound(id);
    const ended = endSchedule(schedule, deps.clock.now());
    if (!ended.ok) return ended;
    draft.decide({ type: 'end-schedule', scheduleId: id });
    return ok(schedule);
  };

const notFound = (id: ScheduleId): Result<never, ScheduleRefusal> =>
  err({ code: 'schedule/not-found', message: `there is no schedule #${id}` });

export type ListSchedules = (chatId: ChatId) => Promise<readonly Schedule[]>;

/** A chat's active schedules, newest first. */
export const makeListSchedules =
  ({ schedules }: { readonly schedules: ScheduleStore }): ListSchedules =>
  (chatId) =>
    schedules.find({ chatId, activeOnly: true, limit: MAX_ACTIVE_SCHEDULES_PER_CHAT });
