import { expect } from 'chai';
import { isSketch, makeSketchBuilder, percentileOf, SKETCH_ERROR, type Sketch } from '../../../src/domain/index.ts';
import { makeSeededRandomness } from '../../../src/testing/index.ts';

const sketchOf = (durations: readonly number[]): Sketch => {
  const builder = makeSketchBuilder();
  for (const ms of durations) builder.add(ms, false);
  return builder.read();
};
/** The percentile of the durations themselves. */
const exact = (durations: readonly number[], part: number): number =>
  durations.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(part * durations.length) - 1)] ?? 0;

const { fraction } = makeSeededRandomness(7);
const many = (count: number, make: () => number) => Array.from({ length: count }, () => Math.round(make()));
const DURATIONS: Readonly<Record<string, readonly number[]>> = {
  'that are all alike': many(100, () => 250),
  'of a few ms': many(1_000, () => fraction() * 5),
  'from a ms to an hour': many(10_000, () => Math.exp(fraction() * 15)),
  'of which one in fifty hangs': many(5_000, () => (fraction() < 0.02 ? 60_000 : 40 + fraction() * 20)),
  'that are none': [0, 0, 0],
  'of which there is one': [123_456],
};

describe('A sketch of durations', () => {
  for (const [which, durations] of Object.entries(DURATIONS))
    it(`finds percentiles within 2 % of durations ${which}`, () => {
      const sketch = sketchOf(durations);
      for (const part of [0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
        const truth = exact(durations, part);
        expect(Math.abs(percentileOf(sketch, part) - truth), `${part}`).to.be.at.most(truth * SKETCH_ERROR + 0.5);
      }
    });

  it('counts, sums and bounds exactly', () => {
    const builder = makeSketchBuilder();
    builder.add(10, false);
    builder.add(1_000, true);
    builder.add(0, false);
    const { count, failures, sumMs, minMs, maxMs } = builder.read();
    expect({ count, failures, sumMs, minMs, maxMs }).to.deep.equal({ count: 3, failures: 1, sumMs: 1_010, minMs: 0, maxMs: 1_000 });
  });

  it('is the same whether durations came to one process or to many, in whatever order', () => {
    const durations = DURATIONS['from a ms to an hour'] ?? [];
    const parts = [0, 1, 2].map((part) => sketchOf(durations.filter((_, at) => at % 3 === part)));
    const merged = makeSketchBuilder();
    for (const part of [...parts].reverse()) merged.merge(part);
    expect(merged.read()).to.deep.equal(sketchOf(durations));
  });

  it('is empty before anything came, also merged with what is empty', () => {
    const builder = makeSketchBuilder();
    builder.merge(makeSketchBuilder().read());
    expect(builder.read()).to.deep.equal({ count: 0, failures: 0, sumMs: 0, minMs: 0, maxMs: 0, buckets: [] });
    expect(percentileOf(builder.read(), 0.5)).to.equal(0);
  });

  it('takes what no clock can mean for no time, and more than a day for a day', () => {
    const sketch = sketchOf([-5, Number.NaN, Number.POSITIVE_INFINITY, 9e15]);
    expect([sketch.count, sketch.minMs, sketch.maxMs, sketch.sumMs]).to.deep.equal([4, 0, 86_400_000, 2 * 86_400_000]);
    expect(isSketch(sketch)).to.equal(true);
  });

  it('has few buckets, however many durations there are', () => {
    const sketch = sketchOf(many(100_000, () => fraction() * 86_400_000));
    expect(sketch.buckets.length).to.be.below(460);
  });

  const good = sketchOf([1, 20, 300]);
  for (const [what, sketch] of [
    ['more failures than counts', { ...good, failures: 4 }],
    ['a least that is above the most', { ...good, minMs: 301 }],
    ['buckets that do not add up', { ...good, count: 4 }],
    ['buckets out of order', { ...good, buckets: good.buckets.toReversed() }],
    ['a bucket beyond all durations', { ...good, count: 1, failures: 0, buckets: [[99_999, 1]] }],
    ['what is no number', { ...good, sumMs: Number.NaN }],
    ['half a count', { ...good, count: 3.5 }],
  ] as const)
    it(`does not take ${what} for a sketch`, () => {
      expect(isSketch(sketch as Sketch)).to.equal(false);
    });

  it('takes what a builder made for a sketch', () => {
    for (const durations of Object.values(DURATIONS)) expect(isSketch(sketchOf(durations))).to.equal(true);
  });
});
