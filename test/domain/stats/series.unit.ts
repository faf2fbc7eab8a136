import { expect } from 'chai';
import { seriesOf } from '../../../src/domain/index.ts';
import { buildMeasurements, START, sketchesOf } from '../../../src/testing/index.ts';

const MINUTE = 60_000;
const steps = { from: START, stepMs: MINUTE, count: 3 };

describe('A series over time', () => {
  it('adds up the names and processes of a kind in each step, and tells where nothing was measured', () => {
    const { kinds } = seriesOf(steps, [
      buildMeasurements('a', { until: START, sketches: sketchesOf([{ kind: 'turn', name: 'one', ms: 100 }]) }),
      buildMeasurements('b', { until: START + 59_999, sketches: sketchesOf([{ kind: 'turn', name: 'two', ms: 300, failed: true }]) }),
      buildMeasurements('c', { until: START + 2 * MINUTE, sketches: sketchesOf([{ kind: 'turn', ms: 50 }, { kind: 'model' }]) }),
    ]);
    expect(kinds.map(({ kind }) => kind)).to.deep.equal(['model', 'turn']);
    const turns = kinds.find(({ kind }) => kind === 'turn');
    expect(turns?.counts).to.deep.equal([2, 0, 1]);
    expect(turns?.failures).to.deep.equal([1, 0, 0]);
    expect(turns?.p95Ms).to.deep.equal([300, undefined, 50]);
    expect(turns?.p50Ms[0]).to.be.within(98, 102);
  });

  it('leaves out what was measured before or after', () => {
    const measured = [START - 1, START + 3 * MINUTE].map((until) => buildMeasurements(`at ${until}`, { until }));
    expect(seriesOf(steps, measured)).to.deep.equal({ kinds: [], levels: [] });
  });

  it('tells the average and the most of levels, by name, and no durations of them', () => {
    const level = (name: string, ms: number) => ({ kind: 'level' as const, name, ms });
    const { kinds, levels } = seriesOf(steps, [
      buildMeasurements('a', { until: START + 1, sketches: sketchesOf([level('queue', 2), level('outbox', 0)]) }),
      buildMeasurements('b', { until: START + 2, sketches: sketchesOf([level('queue', 5)]) }),
      buildMeasurements('c', { until: START + MINUTE, sketches: sketchesOf([level('queue', 7)]) }),
    ]);
    expect(kinds).to.deep.equal([]);
    expect(levels).to.deep.equal([
      { name: 'outbox', average: [0, undefined, undefined], most: [0, undefined, undefined] },
      { name: 'queue', average: [3.5, 7, undefined], most: [5, 7, undefined] },
    ]);
  });
});
