import { AUDIT_KINDS } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { anyChat, limit, query, time, wholeNumber, wordsAmong } from '../inputs.ts';
import { defineRoute } from '../route.ts';
import { auditRows } from '../schemas/reports.ts';

const place = wholeNumber(0, Number.MAX_SAFE_INTEGER).optional();

export const auditRoutes = [
  defineRoute({
    method: 'GET',
    path: '/audit',
    id: 'readAudit',
    tag: 'audit',
    summary: 'Rows of the audit log: newest first, or oldest first behind the number `after`',
    query: query({ kind: wordsAmong(AUDIT_KINDS), chatId: anyChat.optional(), since: time.optional(), after: place, before: place, limit }),
    replies: { 200: auditRows },
    handle: async ({ query: { kind, chatId, since, after, before, limit } }, { api, views }) => {
      const newestFirst = after === undefined;
      const found = await api.readAudit?.({ limit, newestFirst, ...present({ kinds: kind, chatId, since, after, before }) });
      return { rows: (found ?? []).map(views.auditRow) };
    },
  }),
];
