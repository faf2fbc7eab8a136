import { expect } from 'chai';
import {
  MAX_MEASURED_NAMES,
  type MeasuredSketch,
  makeMeasurementsBuilder,
  mergedSketches,
  type Observation,
  OTHER_NAMES,
  statsRow,
  successRateOf,
} from '../../../src/domain/index.ts';
import { sketchesOf } from '../../../src/testing/index.ts';

const counts = (sketches: readonly MeasuredSketch[]) => sketches.map(({ kind, name, sketch }) => `${kind} ${name} ${sketch.count}`);

describe('What is measured', () => {
  it('is kept by kind and name', () => {
    const measured = sketchesOf([{ name: 'b' }, { name: 'a' }, { name: 'b' }, { kind: 'tool', name: 'a' }]);
    expect(counts(measured)).to.deep.equal(['agent a 1', 'agent b 2', 'tool a 1']);
  });

  it('has bounded room for names, of which a million may come', () => {
    const builder = makeMeasurementsBuilder();
    for (let n = 0; n < 1_000_000; n++) builder.observe({ kind: 'tool', name: `made-up-${n}`, ms: 1, failed: false });
    const measured = builder.read();
    expect(measured).to.have.length(MAX_MEASURED_NAMES + 1);
    const other = measured.find(({ name }) => name === OTHER_NAMES);
    expect(other?.sketch.count).to.equal(1_000_000 - MAX_MEASURED_NAMES);
    expect(JSON.stringify(measured).length).to.be.below(50_000);
  });

  it('has short names of one line, and a word for none', () => {
    const measured = sketchesOf([{ name: `x${'y'.repeat(1_000)}` }, { name: 'two\nlines\u0000' }, { name: ' ' }]);
    expect(measured.map(({ name }) => name.length).sort((a, b) => a - b)).to.deep.equal(['(none)'.length, 'two lines'.length, 100]);
  });

  it('of many processes is one, where names that are rare give way to those that are not', () => {
    const rare: Observation[] = Array.from({ length: 300 }, (_, n) => ({ kind: 'model', name: `m${n}`, ms: 5, failed: true }));
    const usual = sketchesOf([
      { kind: 'model', name: 'zz' },
      { kind: 'model', name: 'zz' },
    ]);
    const merged = mergedSketches([sketchesOf(rare.slice(0, 150)), sketchesOf(rare.slice(150)), usual, usual]);
    expect(merged).to.have.length(MAX_MEASURED_NAMES + 1);
    const found = new Map(merged.map(({ name, sketch }) => [name, sketch]));
    expect(found.get('zz')?.count).to.equal(4);
    expect([found.get(OTHER_NAMES)?.count, found.get(OTHER_NAMES)?.failures]).to.deep.equal([101, 101]);
    expect(merged.reduce((sum, { sketch }) => sum + sketch.count, 0)).to.equal(304);
  });
});

describe('A row of stats', () => {
  it('says how often, how well and how long', () => {
    const [measured] = sketchesOf([{ ms: 100 }, { ms: 200 }, { ms: 300, failed: true }]);
    if (!measured) throw new Error('nothing was measured');
    const row = statsRow({ ...measured, kind: 'agent' });
    expect(row).to.include({ kind: 'agent', name: 'tester', count: 3, failures: 1, sumMs: 600, avgMs: 200, minMs: 100, maxMs: 300 });
    expect(row.p50Ms).to.be.within(196, 204);
    expect(row.p99Ms).to.equal(300);
  });

  for (const [count, failures, expected] of [
    [0, 0, 0],
    [4, 1, 0.75],
    [3, 1, 0.6666],
    [1_000_000, 1, 0.9999],
    [5, 0, 1],
    [5, 5, 0],
  ] as const)
    it(`has a success rate of ${expected} with ${failures} of ${count} failed`, () => {
      expect(successRateOf({ count, failures })).to.equal(expected);
    });
});
