import type { FastifyInstance } from 'fastify';
import { err } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { parse, scheduleParams, schedulesQuery } from '../requests.ts';
import { refused } from './refused.ts';

/** The list of schedules, and the end of one. */
export const mountSchedules = (app: FastifyInstance, api: HttpApi, views: ApiViews): void => {
  mount(app, '/api/schedules', {
    GET: async ({ query }) => {
      const { all, chatId, limit } = parse(schedulesQuery, query);
      const found = await api.listSchedules?.({ limit, includeEnded: all, ...present({ chatId }) });
      return { schedules: (found ?? []).map(views.schedule) };
    },
  });
  mount(app, '/api/schedules/:id/cancel', {
    POST: async ({ params }) => {
      const { id } = parse(scheduleParams, params);
      const outcome = await (api.cancelSchedule?.(id) ?? err({ code: 'schedule/not-found', message: `there is no schedule #${id}` }));
      if (!outcome.ok) throw refused(outcome.error);
      return views.schedule(outcome.value);
    },
  });
};
