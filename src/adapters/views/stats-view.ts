import { successRateOf } from '../../domain/index.ts';
import type { StatsReport } from '../../ports/index.ts';

/** How often, how well and how long, as JSON. */
export const statsView = ({ rows }: Pick<StatsReport, 'rows'>) => ({
  rows: rows.map((row) => ({
    kind: row.kind,
    name: row.name,
    count: row.count,
    success_rate: successRateOf(row),
    avg_ms: row.avgMs,
    min_ms: row.minMs,
    max_ms: row.maxMs,
    p50_ms: row.p50Ms,
    p95_ms: row.p95Ms,
    p99_ms: row.p99Ms,
  })),
});
