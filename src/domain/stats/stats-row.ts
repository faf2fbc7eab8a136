import type { MeasuredKind } from './measurements.ts';
import { percentileOf, type Sketch } from './sketch.ts';

/** How often something was done, how often it worked, and how long it took; times in ms. */
export interface StatsRow {
  readonly kind: MeasuredKind;
  readonly name: string;
  readonly count: number;
  readonly failures: number;
  readonly sumMs: number;
  readonly avgMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export const statsRow = ({
  kind,
  name,
  sketch,
}: {
  readonly kind: MeasuredKind;
  readonly name: string;
  readonly sketch: Sketch;
}): StatsRow => ({
  kind,
  name,
  count: sketch.count,
  failures: sketch.failures,
  sumMs: sketch.sumMs,
  avgMs: sketch.count === 0 ? 0 : Math.round(sketch.sumMs / sketch.count),
  minMs: sketch.minMs,
  maxMs: sketch.maxMs,
  p50Ms: percentileOf(sketch, 0.5),
  p95Ms: percentileOf(sketch, 0.95),
  p99Ms: percentileOf(sketch, 0.99),
});

/** The part of it that worked, from 0 to 1, in steps of a ten-thousandth; never 1 where anything failed. */
export const successRateOf = ({ count, failures }: Pick<StatsRow, 'count' | 'failures'>): number =>
  count === 0 ? 0 : Math.floor(((count - failures) / count) * 10_000) / 10_000;
