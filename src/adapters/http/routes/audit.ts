import { AUDIT_KINDS } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { numberedPages } from '../cursors.ts';
import { anyChat, limit, query, time, wholeNumber, wordsAmong } from '../inputs.ts';
import { defineRoute } from '../route.ts';
import { auditRows } from '../schemas/reports.ts';

const pages = numberedPages('audit', (seq) => seq);
const place = wholeNumber(0, Number.MAX_SAFE_INTEGER).optional();

export const auditRoutes = [
  defineRoute({
    method: 'GET',
    path: '/audit',
    id: 'readAudit',
    tag: 'audit',
    summary: 'Rows of the audit log: newest first, or oldest first behind the number `after`',
    query: query({
      kind: wordsAmong(AUDIT_KINDS),
      chatId: anyChat.optional(),
      since: time.optional(),
      after: place,
      before: place,
      limit,
      cursor: pages.cursor,
    }),
    replies: { 200: auditRows },
    handle: async ({ query: { kind, chatId, since, after, before, limit, cursor } }, { api, views }) => {
      const newestFirst = after === undefined;
      // The end that moves is that at which the list goes on.
      const bounds = newestFirst ? { after, before: cursor ?? before } : { after: cursor ?? after, before };
      const found = await api.readAudit?.({ limit: limit + 1, newestFirst, ...present({ kinds: kind, chatId, since, ...bounds }) });
      const { items, rest } = pages.page(found ?? [], { limit, placeOf: ({ seq }) => seq });
      return { rows: items.map(views.auditRow), ...rest };
    },
  }),
];
