/**
 * How long many things took, without the single durations: counts in buckets that grow by 2 % each. A percentile is
 * within 2 % of the true one, and sketches of several processes, or of many minutes, add up exactly.
 */
export interface Sketch {
  readonly count: number;
  readonly failures: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** How many durations fell into each bucket; ascending, none of them empty. */
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
}

/** The relative error of a percentile. */
export const SKETCH_ERROR = 0.02;
const GAMMA = (1 + SKETCH_ERROR) / (1 - SKETCH_ERROR);
const LOG_GAMMA = Math.log(GAMMA);

/** A longer duration counts as this long: nothing that is measured may take a day. */
export const MAX_DURATION_MS = 86_400_000;

/** Whole ms within what a sketch holds. What is no number at all, after a clock has jumped, is no time. */
const held = (ms: number): number => (ms > 0 ? Math.min(Math.round(ms), MAX_DURATION_MS) : 0);

/** Bucket 0 holds what took no ms; bucket n > 0 holds durations above γ^(n-2), up to γ^(n-1) ms. */
const bucketOf = (ms: number): number => (ms < 1 ? 0 : Math.ceil(Math.log(ms) / LOG_GAMMA - 1e-9) + 1);
const LAST_BUCKET = bucketOf(MAX_DURATION_MS);

/** What stands for all durations of a bucket: none is more than `SKETCH_ERROR` away from it. */
const durationOf = (bucket: number): number => (bucket === 0 ? 0 : (2 * GAMMA ** (bucket - 1)) / (GAMMA + 1));

/** Takes in durations and sketches, one after the other. */
export interface SketchBuilder {
  add(ms: number, failed: boolean): void;
  merge(sketch: Sketch): void;
  read(): Sketch;
}

export const makeSketchBuilder = (): SketchBuilder => {
  let [count, failures, sumMs, minMs, maxMs] = [0, 0, 0, Number.POSITIVE_INFINITY, 0];
  const buckets = new Map<number, number>();
  const put = (bucket: number, times: number): void => void buckets.set(bucket, (buckets.get(bucket) ?? 0) + times);
  return {
    add: (duration, failed) => {
      const ms = held(duration);
      count++;
      if (failed) failures++;
      sumMs += ms;
      minMs = Math.min(minMs, ms);
      maxMs = Math.max(maxMs, ms);
      put(bucketOf(ms), 1);
    },
    merge: (sketch) => {
      if (sketch.count === 0) return;
      count += sketch.count;
      failures += sketch.failures;
      sumMs += sketch.sumMs;
      minMs = Math.min(minMs, sketch.minMs);
      maxMs = Math.max(maxMs, sketch.maxMs);
      for (const [bucket, times] of sketch.buckets) put(bucket, times);
    },
    read: () => ({
      count,
      failures,
      sumMs,
      minMs: count === 0 ? 0 : minMs,
      maxMs,
      buckets: [...buckets].sort(([a], [b]) => a - b),
    }),
  };
};

/** The duration below which that part of them lies, such as 0.95, in whole ms; 0 where nothing was measured. */
export const percentileOf = ({ count, minMs, maxMs, buckets }: Sketch, part: number): number => {
  const rank = Math.max(1, Math.ceil(part * count));
  if (rank >= count) return maxMs;
  let seen = 0;
  for (const [bucket, times] of buckets) {
    seen += times;
    if (seen >= rank) return Math.round(Math.min(maxMs, Math.max(minMs, durationOf(bucket))));
  }
  return maxMs;
};

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Whether that may have come from a builder. What was stored may have been written by anybody. */
export const isSketch = ({ count, failures, sumMs, minMs, maxMs, buckets }: Sketch): boolean =>
  [count, failures, sumMs, minMs, maxMs].every(isCount) &&
  failures <= count &&
  minMs <= maxMs &&
  maxMs <= MAX_DURATION_MS &&
  buckets.every(
    ([bucket, times], at) => isCount(bucket) && isCount(times) && bucket > (buckets[at - 1]?.[0] ?? -1) && bucket <= LAST_BUCKET,
  ) &&
  buckets.reduce((sum, [, times]) => sum + times, 0) === count;
