import { toUsd, type UsageSum } from '../../domain/index.ts';
import type { UsageReport } from '../../ports/index.ts';

const sumView = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, cost, calls, unpriced }: UsageSum) => ({
  inputTokens,
  outputTokens,
  cacheReadTokens,
  cacheWriteTokens,
  costUsd: toUsd(cost),
  calls,
  unpricedCalls: unpriced,
});

/** What was used as JSON; costs are in US dollars. Each row names its group by the name of the grouping. */
export const usageView = ({ total, reserved, by, rows }: UsageReport) => ({
  total: { ...sumView(total), reservedUsd: toUsd(reserved) },
  rows: rows.map((row) => ({ [by]: row.key, ...sumView(row) })),
});
