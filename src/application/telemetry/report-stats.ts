import { present } from '../../domain/shared/present.ts';
import { LEVEL, MEASURED_KINDS, type MeasuredKind, type MeasuredSketch, mergedSketches } from '../../domain/stats/measurements.ts';
import { type StatsRow, statsRow } from '../../domain/stats/stats-row.ts';
import type { SketchStore } from '../../ports/storage/sketch-store.ts';
import type { ReportStats } from '../../ports/use-cases/stats.ts';

const DAY_MS = 86_400_000;
/**
 * Rows that are read at a time: enough that one look takes in all that few processes store. Between two looks, minutes
 * may become an hour, and be seen as both.
 */
const PAGE = 1_000;

export const makeReportStats =
  ({ sketches, now }: { readonly sketches: Pick<SketchStore, 'between'>; readonly now: () => number }): ReportStats =>
  async ({ until = now(), since = until - DAY_MS, by }) => {
    let merged: readonly MeasuredSketch[] = [];
    let behind: { readonly until: number; readonly id: string } | undefined;
    do {
      const { found, next } = await sketches.between({ after: since, upTo: until, limit: PAGE, ...present({ behind }) });
      const wanted = found.map((each) => each.sketches.filter(({ kind }) => (by === undefined ? kind !== LEVEL : kind === by)));
      merged = mergedSketches([merged, ...wanted]);
      behind = next;
    } while (behind);
    return { since, until, rows: merged.filter(tookTime).map(statsRow).sort(inOrder) };
  };

const tookTime = (each: MeasuredSketch): each is MeasuredSketch & { readonly kind: MeasuredKind } => each.kind !== LEVEL;

const inOrder = (a: StatsRow, b: StatsRow): number =>
  MEASURED_KINDS.indexOf(a.kind) - MEASURED_KINDS.indexOf(b.kind) || b.count - a.count || (a.name < b.name ? -1 : 1);
