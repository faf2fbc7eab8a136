import { APPROVAL_STATUSES, approvalId, err } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { numberedPages } from '../cursors.ts';
import { anyChat, limit, numbered, params, query, wordsAmong } from '../inputs.ts';
import { defineRoute } from '../route.ts';
import { approval, approvals } from '../schemas/approval.ts';
import { refused } from './refused.ts';

const pages = numberedPages('approvals', approvalId);
const approvalParams = params({ id: numbered(approvalId) });
const missing = (id: number) => ({ code: 'approval/not-found', message: `there is no approval #${id}` });

const decide = (verdict: 'approve' | 'deny', summary: string) =>
  defineRoute({
    method: 'POST',
    path: `/approvals/:id/${verdict}`,
    id: `${verdict}Call`,
    tag: 'approvals',
    summary,
    description: 'Decides as the operator of this installation.',
    params: approvalParams,
    replies: { 200: approval },
    refusals: { 404: ['approval/not-found'], 409: ['approval/already-decided', 'approval/expired', 'approval/changed'] },
    handle: async ({ params: { id }, once }, { api, views }) => {
      const outcome = await (api.decideApproval?.(id, verdict, { once }) ?? err(missing(id)));
      if (!outcome.ok) throw refused(outcome.error);
      return views.approval(outcome.value);
    },
  });

export const approvalRoutes = [
  defineRoute({
    method: 'GET',
    path: '/approvals',
    id: 'listApprovals',
    tag: 'approvals',
    summary: 'Approvals, newest first',
    query: query({ status: wordsAmong(APPROVAL_STATUSES), chatId: anyChat.optional(), limit, cursor: pages.cursor }),
    replies: { 200: approvals },
    handle: async ({ query: { status, chatId, limit, cursor: before } }, { api, views }) => {
      const found = await api.listApprovals?.({ limit: limit + 1, ...present({ statuses: status, chatId, before }) });
      const { items, rest } = pages.page(found ?? [], { limit, placeOf: ({ id }) => id });
      return { approvals: items.map(views.approval), ...rest };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/approvals/:id',
    id: 'getApproval',
    tag: 'approvals',
    summary: 'One approval',
    params: approvalParams,
    replies: { 200: approval },
    refusals: { 404: ['approval/not-found'] },
    handle: async ({ params: { id } }, { api, views }) => {
      const found = await api.getApproval?.(id);
      if (!found) throw refused(missing(id));
      return views.approval(found);
    },
  }),
  decide('approve', 'Says yes to the call'),
  decide('deny', 'Says no to the call'),
];
