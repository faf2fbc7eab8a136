import { present } from '../../domain/shared/present.ts';
import type { ScheduleStore } from '../../ports/storage/schedule-store.ts';
import type { ListSchedules } from '../../ports/use-cases/queries.ts';
import { DEFAULT_LIST_LIMIT } from '../promises/list-promises.ts';

export const makeListSchedules =
  ({ schedules }: { readonly schedules: Pick<ScheduleStore, 'find'> }): ListSchedules =>
  ({ chatId, includeEnded = false, before, limit = DEFAULT_LIST_LIMIT }) =>
    schedules.find({ ...present({ chatId, before }), activeOnly: !includeEnded, limit });
