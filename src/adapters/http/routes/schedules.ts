import { err, scheduleId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { anyChat, flag, limit, numbered, params, query } from '../inputs.ts';
import { defineRoute } from '../route.ts';
import { schedule, schedules } from '../schemas/promise.ts';
import { refused } from './refused.ts';

export const scheduleRoutes = [
  defineRoute({
    method: 'GET',
    path: '/schedules',
    id: 'listSchedules',
    tag: 'schedules',
    summary: 'Schedules, newest first: active ones, with `all` ended ones as well',
    query: query({ all: flag, chatId: anyChat.optional(), limit }),
    replies: { 200: schedules },
    handle: async ({ query: { all, chatId, limit } }, { api, views }) => {
      const found = await api.listSchedules?.({ limit, includeEnded: all, ...present({ chatId }) });
      return { schedules: (found ?? []).map(views.schedule) };
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
