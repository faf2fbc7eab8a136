import { present } from '../../domain/shared/present.ts';
import type { Measurements } from '../../domain/stats/measurements.ts';
import { type SeriesSteps, seriesOf } from '../../domain/stats/series.ts';
import type { Ledger } from '../../ports/storage/ledger.ts';
import type { SketchStore } from '../../ports/storage/sketch-store.ts';
import type { ReportSeries, SeriesReport } from '../../ports/use-cases/stats.ts';
import { STATS_RETENTION_MS } from './track-performance.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PAGE = 1_000;

/** However many ask about the same steps, they are read once within that time: it is much to read. */
const HELD_MS = 1_000;

/** How things went over time, in minutes where these are still stored, else in hours. */
export const makeReportSeries = ({
  sketches,
  ledger,
  now,
}: {
  readonly sketches: Pick<SketchStore, 'between'>;
  readonly ledger: Pick<Ledger, 'spendingOver'>;
  readonly now: () => number;
}): ReportSeries => {
  const held = new Map<string, { readonly at: number; readonly report: Promise<SeriesReport> }>();

  const read = async (steps: SeriesSteps, until: number): Promise<SeriesReport> => {
    const { from, stepMs, count } = steps;
    const [measured, spent] = await Promise.all([
      readBetween(sketches, from, until),
      ledger.spendingOver({ since: from, until: from + count * stepMs, stepMs }),
    ]);
    const byStep = new Map(spent.map((each) => [(each.at - from) / stepMs, each]));
    return {
      since: from,
      until,
      stepMs,
      ...seriesOf(steps, measured),
      costs: Array.from({ length: count }, (_, step) => byStep.get(step)?.cost),
      calls: Array.from({ length: count }, (_, step) => byStep.get(step)?.calls ?? 0),
    };
  };

  return ({ since, until }) => {
    const at = now();
    const end = until ?? at;
    const steps = stepsOver(Math.max(since ?? end - DAY_MS, end - STATS_RETENTION_MS), end);
    if (until !== undefined) return read(steps, until);
    for (const [key, one] of held) if (Math.abs(at - one.at) >= HELD_MS) held.delete(key);
    const key = `${steps.from} ${steps.stepMs}`;
    const known = held.get(key);
    if (known) return known.report;
    const report = read(steps, end);
    held.set(key, { at, report });
    return report;
  };
};

/** Before the hour that was over last, minutes are merged. */
export const stepsOver = (since: number, until: number): SeriesSteps => {
  const stepMs = since >= floor(until, HOUR_MS) - HOUR_MS ? MINUTE_MS : HOUR_MS;
  const from = floor(Math.min(since, until), stepMs);
  return { from, stepMs, count: Math.floor((until - from) / stepMs) + 1 };
};

const floor = (at: number, ms: number): number => Math.floor(at / ms) * ms;

const readBetween = async (sketches: Pick<SketchStore, 'between'>, from: number, until: number): Promise<readonly Measurements[]> => {
  const all = new Map<string, Measurements>();
  let behind: { readonly until: number; readonly id: string } | undefined;
  do {
    const { found, next } = await sketches.between({ after: from - 1, upTo: until, limit: PAGE, ...present({ behind }) });
    for (const each of found) all.set(each.id, each);
    behind = next;
  } while (behind);
  return [...all.values()];
};
