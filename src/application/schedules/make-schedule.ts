import { decidedIn, type TurnDraft } from '../../domain/conversation/decision.ts';
import { MAX_ACTIVE_SCHEDULES_PER_CHAT, MAX_SCHEDULES_PER_TURN } from '../../domain/promise/limits.ts';
import type { RetryPolicy } from '../../domain/promise/promise.ts';
import { makeSchedule, type Schedule, type ScheduleId } from '../../domain/promise/schedule.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, type Result, refuse } from '../../domain/shared/result.ts';
import { timeZoneName } from '../../domain/shared/time.ts';
import type { Provenance } from '../../domain/trust/labels.ts';
import { writtenBy } from '../../domain/trust/shown.ts';
import { type AccessPolicy, tenantOf } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CronCalendar } from '../../ports/cron-calendar.ts';
import type { Events } from '../../ports/events.ts';
import type { Redact } from '../../ports/redact.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { PromiseOrigin } from '../../ports/use-cases/make-promise.ts';
import type { DraftSchedule, MakeSchedule, MakeScheduleRefusal, ScheduleRequest } from '../../ports/use-cases/schedules.ts';
import { askedBy } from '../promises/asked-by.ts';
import { checkTask } from '../promises/check-task.ts';

export interface MakeScheduleDeps {
  readonly schedules: ScheduleStore;
  /** Absent: nothing can be scheduled here. */
  readonly calendar?: CronCalendar | undefined;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly retry: RetryPolicy;
  readonly policy: Pick<AccessPolicy, 'workspaces'>;
}

/** A schedule as it will be stored. Nothing is stored yet. */
const draft = async (
  deps: MakeScheduleDeps,
  request: ScheduleRequest,
  { chatId, chatKind, messageId, requestedBy }: PromiseOrigin,
  from: Provenance | undefined,
  turn?: TurnDraft,
): Promise<Result<Schedule, MakeScheduleRefusal>> => {
  const task = checkTask(request, deps.redact);
  if (!task.ok) return task;
  if (!deps.calendar) return refuse('schedule/no-calendar', 'nothing can be scheduled here: there is no calendar');
  const createdAt = deps.clock.now();
  const cron = request.cron.trim();
  const timeZone = request.timeZone ?? deps.timeZone;
  const next = deps.calendar.next(cron, timeZone, createdAt);
  if (!next.ok) return next;
  const active = (await deps.schedules.find({ chatId, activeOnly: true, limit: MAX_ACTIVE_SCHEDULES_PER_CHAT + 1 })).map(({ id }) => id);
  const { schedules: made, endedSchedules } = decidedIn(turn);
  const count = [...active, ...made.map(({ id }) => id)].filter((id) => !endedSchedules.includes(id)).length;
  if (count >= MAX_ACTIVE_SCHEDULES_PER_CHAT)
    return tooMany(`this chat has ${count} schedules, and may have ${MAX_ACTIVE_SCHEDULES_PER_CHAT}; cancel one to make room`);
  const [id] = await deps.schedules.reserveIds(1);
  const terms = {
    id: id as ScheduleId,
    chatId,
    chatKind,
    requestedBy,
    ...task.value,
    tenant: tenantOf(deps.policy, chatId),
    retry: deps.retry,
    cron,
    timeZone: timeZoneName(timeZone),
    createdAt,
    ...present({ messageId, provenance: from }),
  };
  return ok(makeSchedule(terms, next.value));
};

const tooMany = (message: string): Result<never, MakeScheduleRefusal> => refuse('schedule/too-many', message);

/** Makes a schedule part of a turn: it is stored with that turn's reply, or not at all. */
export const makeDraftSchedule =
  (deps: MakeScheduleDeps): DraftSchedule =>
  async (request, context) => {
    const turn = context.draft;
    if (!turn) return refuse('promise/invalid', 'something can only be scheduled while a message is being answered');
    if (decidedIn(turn).schedules.length >= MAX_SCHEDULES_PER_TURN)
      return tooMany(
        `one answer makes ${MAX_SCHEDULES_PER_TURN} schedules at most, and has made them; the rest can be asked for in a further message`,
      );
    const origin = askedBy(context, request.messageId);
    if (!origin.ok) return origin;
    const drafted = await draft(deps, request, origin.value, writtenBy(context.shown), turn);
    if (drafted.ok) turn.decide({ type: 'make-schedule', schedule: drafted.value });
    return drafted;
  };

/** Makes a schedule at once, for a program or an operator. When it resolves it is durable. */
export const makeMakeSchedule =
  (deps: MakeScheduleDeps & { readonly events: Events }): MakeSchedule =>
  async (request, origin) => {
    const drafted = await draft(deps, request, origin, { labels: ['operator'] });
    if (!drafted.ok) return drafted;
    const schedule = drafted.value;
    await deps.schedules.add([schedule]);
    deps.events.emit({
      type: 'schedule-made',
      scheduleId: schedule.id,
      chatId: schedule.chatId,
      cron: schedule.cron,
      timeZone: schedule.timeZone,
    });
    return ok(schedule);
  };
