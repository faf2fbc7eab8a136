import { toUsd } from '../../domain/index.ts';
import type { SeriesReport } from '../../ports/index.ts';
import { iso } from './iso.ts';

const orNull = <T>(list: readonly (T | undefined)[]): readonly (T | null)[] => list.map((each) => each ?? null);

/** How things went over time, as JSON: lists with an entry for each step, null where nothing was measured. */
export const seriesView = ({ since, until, stepMs, kinds, levels, costs, calls }: SeriesReport) => ({
  since: iso(since),
  until: iso(until),
  stepSeconds: stepMs / 1_000,
  kinds: kinds.map(({ kind, counts, failures, p50Ms, p95Ms }) => ({
    kind,
    counts,
    failures,
    p50_ms: orNull(p50Ms),
    p95_ms: orNull(p95Ms),
  })),
  levels: levels.map(({ name, average, most }) => ({ name, average: orNull(average), most: orNull(most) })),
  costs_usd: costs.map((cost) => (cost === undefined ? 0 : toUsd(cost))),
  calls,
});
