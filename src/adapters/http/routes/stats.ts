import { z } from 'zod';
import { MEASURED_KINDS, readSpan } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { query, single, time, wordAmong } from '../inputs.ts';
import { RequestError } from '../request-error.ts';
import { defineRoute } from '../route.ts';
import { wire } from '../schemas/names.ts';
import { stats } from '../schemas/reports.ts';

/** For whoever hosts Kept as a library. */
const HINT = 'the host of this server gives it no `reportStats`';

/** A time, or a span back from now. */
export const sinceWhen = single
  .transform((raw, context) => {
    const span = readSpan(raw);
    if (span !== undefined) return Date.now() - span;
    const read = time.safeParse(raw);
    if (read.success) return read.data;
    context.addIssue({ code: 'custom', message: 'must be a span such as 1h, 1d or 7d, or a time such as 2026-11-23T09:00:00Z' });
    return z.NEVER;
  })
  .register(wire, { description: 'A span back from now, or a time', examples: ['1d', '2026-11-23T09:00:00Z'] });

export const statsRoutes = [
  defineRoute({
    method: 'GET',
    path: '/stats',
    id: 'reportStats',
    tag: 'reports',
    summary: 'How often things were done, how often they worked, and how long they took',
    query: query({ by: wordAmong(MEASURED_KINDS), since: sinceWhen.optional() }),
    replies: { 200: stats },
    refusals: { 404: ['stats/not-offered'] },
    handle: async ({ query: { since, by } }, { api, views }) => {
      if (!api.reportStats) throw new RequestError(404, 'stats/not-offered', 'stats are not offered here', { hint: HINT });
      return views.stats(await api.reportStats(present({ since, by })));
    },
  }),
];
