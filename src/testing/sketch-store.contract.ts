import { strict as assert } from 'node:assert';
import { type MeasuredSketch, type Measurements, makeMeasurementsBuilder, type Observation } from '../domain/index.ts';
import type { Storage, StoredMeasurements } from '../ports/index.ts';
import { START } from './builders.ts';
import type { Contract } from './contract.ts';

const HOUR = 3_600_000;

/** What is measured of these. */
export const sketchesOf = (observations: readonly Partial<Observation>[]): readonly MeasuredSketch[] => {
  const builder = makeMeasurementsBuilder();
  for (const each of observations) builder.observe({ kind: 'agent', name: 'tester', ms: 10, failed: false, ...each });
  return builder.read();
};

/** Measurements of the minute that ends at `until`. */
export const buildMeasurements = (id: string, overrides: Partial<StoredMeasurements> = {}): StoredMeasurements => {
  const { until = START } = overrides;
  return { id, from: until - 60_000, until, isMerged: false, sketches: sketchesOf([{}]), ...overrides };
};

const read = ({ id, from, until, sketches }: StoredMeasurements): Measurements => ({ id, from, until, sketches });
const idsOf = (found: readonly Measurements[]): readonly string[] => found.map(({ id }) => id);
const ALL = { after: 0, upTo: START + 10 * HOUR, limit: 100 };

/** The law of `SketchStore`. */
export const sketchStoreContract: Contract<Storage> = {
  'gives back what was stored, whatever the names': async ({ stores: { sketches } }) => {
    const names = ['tester', '__proto__', 'it\'s a "name"', 'ünïcödé 🙂', '(other)'];
    const measured = buildMeasurements('a', {
      sketches: sketchesOf(
        names.flatMap((name) => [
          { name, ms: 0 },
          { name, ms: 1, failed: true },
          { name, kind: 'model', ms: 86_400_000 },
          { name, kind: 'model', ms: 1_234 },
          { name, kind: 'level', ms: 17 },
        ]),
      ),
    });
    await sketches.add(measured);
    assert.deepEqual((await sketches.between(ALL)).found, [read(measured)]);
  },

  'stores under one id once, whoever comes later': async ({ stores: { sketches } }) => {
    const first = buildMeasurements('a');
    await sketches.add(first);
    await sketches.add(buildMeasurements('a', { until: START + 5, sketches: sketchesOf([{ ms: 99 }]) }));
    assert.deepEqual((await sketches.between(ALL)).found, [read(first)]);
  },

  'finds what ends within a span of time, in its order, a page at a time': async ({ stores: { sketches } }) => {
    for (const [id, at] of [
      ['d', 4],
      ['a', 3],
      ['b', 2],
      ['c', 3],
      ['e', 5],
      ['z', 1],
    ] as const)
      await sketches.add(buildMeasurements(id, { until: START + at }));
    const query = { after: START + 1, upTo: START + 4, limit: 3 };
    const page = await sketches.between(query);
    assert.deepEqual(idsOf(page.found), ['b', 'a', 'c']);
    assert.deepEqual(page.next, { until: START + 3, id: 'c' });
    const rest = await sketches.between({ ...query, ...(page.next ? { behind: page.next } : {}) });
    assert.deepEqual([idsOf(rest.found), rest.next], [['d'], undefined]);
    assert.deepEqual(await sketches.between({ after: START + 5, upTo: START + 9, limit: 3 }), { found: [] });
  },

  'takes the oldest that are not merged, each once': async ({ stores: { sketches } }) => {
    for (const at of [3, 1, 2, 4])
      await sketches.add(buildMeasurements(`m${at}`, { until: START + at, sketches: sketchesOf([{ ms: at }]) }));
    const hour = buildMeasurements('hour', { isMerged: true });
    await sketches.add(hour);
    const taken = await sketches.takeUnmerged({ upTo: START + 3, limit: 2 });
    assert.deepEqual(idsOf(taken), ['m1', 'm2']);
    assert.deepEqual(taken[0]?.sketches, sketchesOf([{ ms: 1 }]));
    assert.deepEqual(idsOf(await sketches.takeUnmerged({ upTo: START + 3, limit: 9 })), ['m3']);
    assert.deepEqual(idsOf(await sketches.takeUnmerged({ upTo: START + 3, limit: 9 })), []);
    assert.deepEqual(idsOf((await sketches.between(ALL)).found), ['hour', 'm4']);
  },

  'merges side by side without losing or doubling anything': async ({ stores: { sketches }, unitOfWork }) => {
    const count = 40;
    for (let at = 0; at < count; at++) await sketches.add(buildMeasurements(`m${at}`, { until: START + at }));
    await Promise.all(
      Array.from({ length: 6 }, (_, worker) =>
        unitOfWork.run(async (unit) => {
          const taken = await unit.sketches.takeUnmerged({ upTo: START + count, limit: 10 });
          const observed = taken.flatMap((each) => each.sketches);
          if (observed.length > 0)
            await unit.sketches.add(
              buildMeasurements(`merged ${worker}`, { isMerged: true, sketches: sketchesOf(observed.map(() => ({}))) }),
            );
        }),
      ),
    );
    const { found } = await sketches.between(ALL);
    assert.equal(found.length, 4);
    assert.equal(
      found.flatMap((each) => each.sketches).reduce((sum, { sketch }) => sum + sketch.count, 0),
      count,
    );
  },

  'purges what is too old and what lies too far ahead, a batch at a time': async ({ stores: { sketches } }) => {
    for (const at of [1, 2, 3, 9]) await sketches.add(buildMeasurements(`m${at}`, { until: START + at * HOUR, isMerged: at === 1 }));
    const query = { before: START + 3 * HOUR, after: START + 8 * HOUR };
    assert.equal(await sketches.purge({ ...query, limit: 1 }), 1);
    assert.equal(await sketches.purge({ ...query, limit: 5 }), 2);
    assert.equal(await sketches.purge({ ...query, limit: 5 }), 0);
    assert.deepEqual(idsOf((await sketches.between(ALL)).found), ['m3']);
  },

  'commits with the rest of its unit of work, or not at all': async ({ stores: { sketches }, unitOfWork }) => {
    await sketches.add(buildMeasurements('kept'));
    const failing = unitOfWork.run(async (unit) => {
      assert.equal((await unit.sketches.takeUnmerged({ upTo: START, limit: 9 })).length, 1);
      await unit.sketches.add(buildMeasurements('merged', { isMerged: true }));
      throw new RangeError('it ends here');
    });
    await assert.rejects(failing, RangeError);
    assert.deepEqual(idsOf((await sketches.between(ALL)).found), ['kept']);
  },
};
