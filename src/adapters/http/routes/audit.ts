import type { FastifyInstance } from 'fastify';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { auditQuery, parse } from '../requests.ts';

/** The audit log: the newest rows, or those behind `after`, oldest first. */
export const mountAudit = (app: FastifyInstance, api: HttpApi, views: ApiViews): void =>
  mount(app, '/api/audit', {
    GET: async ({ query }) => {
      const { kind, chatId, since, after, before, limit } = parse(auditQuery, query);
      const newestFirst = after === undefined;
      const found = await api.readAudit?.({ limit, newestFirst, ...present({ kinds: kind, chatId, since, after, before }) });
      return { rows: (found ?? []).map(views.auditRow) };
    },
  });
