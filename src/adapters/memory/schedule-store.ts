import { type ActiveSchedule, type Schedule, type ScheduleId, scheduleFields } from '../../domain/index.ts';
import type { ScheduleStore } from '../../ports/index.ts';
import { concurrency, select } from './rows.ts';
import type { Tables } from './tables.ts';

const newestFirst = (a: Schedule, b: Schedule): number => b.id - a.id;
const byNext = (a: ActiveSchedule, b: ActiveSchedule): number => a.nextAt - b.nextAt || a.id - b.id;
const isActive = (schedule: Schedule): schedule is ActiveSchedule => schedule.status === 'active';

export const makeScheduleStore = ({ schedules, next }: Tables): ScheduleStore => {
  const active = (): ActiveSchedule[] => [...schedules.rows()].filter(isActive);
  return {
    reserveIds: async (count) => Array.from({ length: count }, () => next('schedule') as ScheduleId),
    add: async (added) => {
      for (const schedule of added) schedules.put(scheduleFields(schedule));
    },
    get: async (id) => schedules.get(id),
    find: async ({ chatId, activeOnly, before = Number.POSITIVE_INFINITY, limit }) =>
      select(
        activeOnly ? active() : schedules.rows(),
        (schedule) => schedule.id < before && (chatId === undefined || schedule.chatId === chatId),
        newestFirst,
        limit,
      ),
    due: async (now, limit) => select(active(), ({ nextAt }) => nextAt <= now, byNext, limit),
    nextAt: async () => active().toSorted(byNext)[0]?.nextAt,
    save: async (schedule) => {
      const stored = schedules.get(schedule.id);
      if (stored?.version !== schedule.version)
        throw concurrency(`schedule #${schedule.id} is at version ${stored?.version ?? '(none)'}, not ${schedule.version}`);
      schedules.put({ ...scheduleFields(schedule), version: schedule.version + 1 });
    },
  };
};
