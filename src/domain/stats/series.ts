import { LEVEL, MEASURED_KINDS, type MeasuredKind, type Measurements, type SketchedKind } from './measurements.ts';
import { makeSketchBuilder, percentileOf, type Sketch, type SketchBuilder } from './sketch.ts';

/** Equal steps of time, one after the other. */
export interface SeriesSteps {
  /** When the first one begins, in ms since 1970. */
  readonly from: number;
  readonly stepMs: number;
  readonly count: number;
}

/** What was measured of a kind, over all of its names: an entry for each step. */
export interface KindSeries {
  readonly kind: MeasuredKind;
  readonly counts: readonly number[];
  readonly failures: readonly number[];
  /** Undefined where nothing was measured in that step. */
  readonly p50Ms: readonly (number | undefined)[];
  readonly p95Ms: readonly (number | undefined)[];
}

/** How many of something there were: an entry for each step, undefined where nobody looked. */
export interface LevelSeries {
  readonly name: string;
  readonly average: readonly (number | undefined)[];
  readonly most: readonly (number | undefined)[];
}

/** Measurements by the step in which they end. Kinds of which nothing was measured are left out. */
export const seriesOf = (
  { from, stepMs, count }: SeriesSteps,
  measured: readonly Measurements[],
): { readonly kinds: readonly KindSeries[]; readonly levels: readonly LevelSeries[] } => {
  const kinds = new Map<SketchedKind, Map<number, SketchBuilder>>();
  const levels = new Map<string, Map<number, SketchBuilder>>();
  for (const { until, sketches } of measured) {
    const step = Math.floor((until - from) / stepMs);
    if (step < 0 || step >= count) continue;
    for (const { kind, name, sketch } of sketches) (kind === LEVEL ? stepIn(levels, name, step) : stepIn(kinds, kind, step)).merge(sketch);
  }
  const steps = <T>(found: ReadonlyMap<number, SketchBuilder>, read: (sketch: Sketch) => T): readonly (T | undefined)[] =>
    Array.from({ length: count }, (_, step) => {
      const builder = found.get(step);
      return builder && read(builder.read());
    });
  const ofKind = (kind: MeasuredKind): readonly KindSeries[] => {
    const found = kinds.get(kind);
    if (!found) return [];
    const sketches = steps(found, (sketch) => sketch);
    return [
      {
        kind,
        counts: sketches.map((sketch) => sketch?.count ?? 0),
        failures: sketches.map((sketch) => sketch?.failures ?? 0),
        p50Ms: sketches.map((sketch) => sketch && percentileOf(sketch, 0.5)),
        p95Ms: sketches.map((sketch) => sketch && percentileOf(sketch, 0.95)),
      },
    ];
  };
  return {
    kinds: MEASURED_KINDS.flatMap(ofKind),
    levels: [...levels].sort(byName).map(([name, found]) => ({
      name,
      average: steps(found, ({ sumMs, count: looks }) => Math.round((sumMs / looks) * 100) / 100),
      most: steps(found, ({ maxMs }) => maxMs),
    })),
  };
};

const stepIn = <Key>(all: Map<Key, Map<number, SketchBuilder>>, key: Key, step: number): SketchBuilder => {
  const steps = all.get(key) ?? new Map<number, SketchBuilder>();
  all.set(key, steps);
  const known = steps.get(step);
  if (known) return known;
  const builder = makeSketchBuilder();
  steps.set(step, builder);
  return builder;
};

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
