import { strict as assert } from 'node:assert';
import type { Storage } from '../../../src/ports/index.ts';
import { openFreshStorage } from '../../support/sqlite-storage.ts';
import { makeSimulation } from './simulation.ts';

/**
 * A question with a promise in its answer, a plain one, and one that is stopped: all that happens to them, with the
 * process dying after `after` port calls (counted before and after their effect), or never. Resolves to how many there
 * were.
 */
const live = async (after: number, n: number, storage?: Storage): Promise<number> => {
  const town = makeSimulation({ seed: n, firstChat: 501 + n, ...(storage ? { storage } : {}) });
  town.start('main');
  await town.idle();
  const life = town.lifeOf('main');
  assert.ok(life);
  const begun = life.steps;
  if (after > 0) life.endAfter(after);
  await town.post(0, 'promise');
  await town.make(0, []);
  await town.post(0, 'plain');
  await town.post(0, 'too slow');
  await town.post(0, '/stop');
  await town.comeToRest();
  await town.check();
  return life.steps - begun;
};

describe('invariants 1 to 3: a process that dies at any of its port calls is made good by the next', () => {
  it('in memory', async () => {
    const steps = await live(0, 0);
    assert.ok(steps > 50, `${steps} steps`);
    for (let after = 1; after <= steps; after++) await live(after, 0);
  });

  it('on SQLite', async () => {
    const { subject, close } = await openFreshStorage();
    try {
      const steps = await live(0, 0, subject);
      for (let after = 1; after <= steps; after++) await live(after, after, subject);
    } finally {
      await close();
    }
  }).timeout(120_000);
});
