import { operatorFact } from '../../domain/audit/facts.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import { endSchedule, type Schedule, type ScheduleId } from '../../domain/promise/schedule.ts';
import { ok, type Refusal, type Result, refuse } from '../../domain/shared/result.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { CancelSchedule, DraftScheduleEnd, EndScheduleRefusal } from '../../ports/use-cases/schedules.ts';
import type { RightOver } from '../promises/right-over.ts';

/** Ends a stored schedule, inside a unit of work. The promises that it made stand. */
export const endStored = async (
  { schedules }: Pick<Stores, 'schedules'>,
  id: ScheduleId,
  at: number,
): Promise<Result<Schedule, EndScheduleRefusal>> => {
  const schedule = await schedules.get(id);
  if (!schedule) return notFound(id);
  const ended = endSchedule(schedule, at);
  if (!ended.ok) return ended;
  await schedules.save(ended.value);
  return ended;
};

/** Ends a schedule at once, for a program or an operator. */
export const makeCancelSchedule =
  (deps: { readonly unitOfWork: UnitOfWork; readonly clock: Clock; readonly events: Events }): CancelSchedule =>
  async (id, { once } = {}) => {
    const at = deps.clock.now();
    let isRepeat = false;
    const ended = await deps.unitOfWork.run(async (stores): Promise<Result<Schedule, EndScheduleRefusal>> => {
      isRepeat = once !== undefined && (await stores.requestKeys.isDone(once));
      if (isRepeat) {
        const stored = await stores.schedules.get(id);
        return stored ? ok(stored) : notFound(id);
      }
      const outcome = await endStored(stores, id, at);
      if (outcome.ok && once !== undefined) await stores.requestKeys.markDone(once, at);
      if (outcome.ok) await stores.audit.add([operatorFact('end-schedule', { scheduleId: id, chatId: outcome.value.chatId }, at)]);
      return outcome;
    });
    if (ended.ok && !isRepeat) deps.events.emit({ type: 'schedule-ended', scheduleId: id, chatId: ended.value.chatId });
    return ended;
  };

/** Makes the end of a schedule part of a turn. Only schedules of that turn's own chat are in reach. */
export const makeDraftScheduleEnd =
  (deps: {
    readonly schedules: ScheduleStore;
    readonly clock: Clock;
    /** Default: everybody may. */
    readonly mayCommand?: RightOver | undefined;
  }): DraftScheduleEnd =>
  async (id, context) => {
    const { chatId, draft } = context;
    if (!draft) return refuse('promise/invalid', 'a schedule can only be cancelled while a message is being answered');
    const schedule = decidedIn(draft).schedules.find((drafted) => drafted.id === id) ?? (await deps.schedules.get(id));
    if (schedule?.chatId !== chatId) return notFound(id);
    const ended = endSchedule(schedule, deps.clock.now());
    if (!ended.ok) return ended;
    const refused = deps.mayCommand?.(context, schedule.requestedBy.id);
    if (refused !== undefined) return refuse('promise/not-allowed', refused);
    draft.decide({ type: 'end-schedule', scheduleId: id });
    return ok(schedule);
  };

const notFound = (id: ScheduleId): Result<never, Refusal<'schedule/not-found'>> =>
  refuse('schedule/not-found', `there is no schedule #${id}`);
