import { err, scheduleId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { numberedPages } from '../cursors.ts';
import { anyChat, flag, limit, numbered, params, query } from '../inputs.ts';
import { defineRoute } from '../route.ts';
import { schedule, schedules } from '../schemas/promise.ts';
import { refused } from './refused.ts';

const pages = numberedPages('schedules', scheduleId);

export const scheduleRoutes = [
  defineRoute({
    method: 'GET',
    path: '/schedules',
    id: 'listSchedules',
    tag: 'schedules',
    summary: 'Schedules, newest first: active ones, with `all` ended ones as well',
    query: query({ all: flag, chatId: anyChat.optional(), limit, cursor: pages.cursor }),
    replies: { 200: schedules },
    handle: async ({ query: { all, chatId, limit, cursor: before } }, { api, views }) => {
      const found = await api.listSchedules?.({ limit: limit + 1, includeEnded: all, ...present({ chatId, before }) });
      const { items, rest } = pages.page(found ?? [], { limit, placeOf: ({ id }) => id });
      return { schedules: items.map(views.schedule), ...rest };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/schedules/:id/cancel',
    id: 'cancelSchedule',
    tag: 'schedules',
    summary: 'Ends the schedule; promises that it has made stand',
    params: params({ id: numbered(scheduleId) }),
    replies: { 200: schedule },
    refusals: { 404: ['schedule/not-found'], 409: ['schedule/already-ended'] },
    handle: async ({ params: { id }, once }, { api, views }) => {
      const outcome = await (api.cancelSchedule?.(id, { once }) ??
        err({ code: 'schedule/not-found', message: `there is no schedule #${id}` }));
      if (!outcome.ok) throw refused(outcome.error);
      return views.schedule(outcome.value);
    },
  }),
];
