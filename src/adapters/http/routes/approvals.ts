import type { FastifyInstance } from 'fastify';
import { err } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import type { HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { approvalParams, approvalsQuery, parse } from '../requests.ts';
import { refused } from './refused.ts';

/** The list of approvals, one of them, and the operator's own yes or no. */
export const mountApprovals = (app: FastifyInstance, api: HttpApi, views: ApiViews): void => {
  const missing = (id: number) => ({ code: 'approval/not-found', message: `there is no approval #${id}` });
  mount(app, '/api/approvals', {
    GET: async ({ query }) => {
      const { status, chatId, limit } = parse(approvalsQuery, query);
      const found = await api.listApprovals?.({ limit, ...present({ statuses: status, chatId }) });
      return { approvals: (found ?? []).map(views.approval) };
    },
  });
  mount(app, '/api/approvals/:id', {
    GET: async ({ params }) => {
      const { id } = parse(approvalParams, params);
      const found = await api.getApproval?.(id);
      if (!found) throw refused(missing(id));
      return views.approval(found);
    },
  });
  for (const verdict of ['approve', 'deny'] as const)
    mount(app, `/api/approvals/:id/${verdict}`, {
      POST: async ({ params }) => {
        const { id } = parse(approvalParams, params);
        const outcome = await (api.decideApproval?.(id, verdict) ?? err(missing(id)));
        if (!outcome.ok) throw refused(outcome.error);
        return views.approval(outcome.value);
      },
    });
};
