import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { makeSeededRandomness } from '../../../src/testing/index.ts';
import { openFreshStorage } from '../../support/sqlite-storage.ts';
import type { ProcessLifetime } from './process-lifetime.ts';
import { makeOutside, REPLIES } from './simulated-steps.ts';
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
  }).timeout(60_000);

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

/**
 * What happens to one message, and to the promise that it leads to. The process dies at its `deaths[0]`-th step,
 * the one after it at its `deaths[1]`-th, and so on; one whose number is not there lives on.
 */
const liveInSteps = async (deaths: readonly number[], n: number, storage: Storage) => {
  const outside = makeOutside();
  const lives: ProcessLifetime[] = [];
  const agentOf = (life: ProcessLifetime) => {
    const death = lives.length > 0 ? deaths[lives.length] : undefined;
    if (death !== undefined) life.endAfter(death);
    lives.push(life);
    return outside.agentOf(life);
  };
  const town = makeSimulation({ seed: n, firstChat: 501 + n, agentOf, storage: outside.watched(storage) });
  town.start('main');
  await town.idle();
  const [first] = lives;
  assert.ok(first);
  const begun = first.steps;
  if (deaths[0] !== undefined) first.endAfter(deaths[0]);
  await town.post(0, 'run');
  await town.comeToRest();
  await town.check();
  const texts = town.world.gateway.sent.map(({ text }) => text);
  return {
    ...outside,
    steps: first.steps - begun,
    ends: lives.flatMap(({ endedAt }) => endedAt ?? []),
    outcomes: texts.filter((text) => text.startsWith('Promise #')),
  };
};

const ACTS = ['send 1', 'pay 1', 'pay 2', 'send 2'];

/** Beside what `check` holds: each reply once, but one for each death; none that is stored; each act once. */
const assertJournalled = ({
  asked,
  violations,
  effects,
  storedOf,
  told,
  ends,
  outcomes,
}: Awaited<ReturnType<typeof liveInSteps>>): void => {
  const calls = effects.map(({ call }) => call);
  const story = `died ${ends.join(', then ')}: asked for ${asked.join(', ')}; did ${calls.join(', ')}; ${outcomes.join('; ')}`;
  assert.deepEqual(violations, [], story);
  assert.equal(storedOf('promise').at(-1)?.kind, 'model', `the last reply is stored with the end of the promise: ${story}`);
  assert.equal(new Set(asked).size, REPLIES, story);
  assert.ok(asked.length <= REPLIES + ends.length, `more than one reply a death: ${story}`);
  const missing = ACTS.filter((act) => !calls.includes(act));
  const expected = ACTS.filter((act) => !missing.includes(act));
  assert.deepEqual(calls, expected, `each act once, in its order: ${story}`);
  const unknown = told();
  for (const act of missing) assert.ok(unknown.includes(act), `${act} is not done, and not told: ${story}`);
  for (const act of unknown) assert.match(act, /^send/, `pay can say what became of its calls: ${story}`);
  assert.equal(outcomes.length, 1, story);
  const isTold = outcomes[0]?.includes('Kept was interrupted while it ran send');
  assert.equal(isTold, unknown.length > 0, `people are told what is unknown: ${story}`);
};

const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));

describe(`the journal: runs go on in the next process, wherever one has died (KEPT_TEST_SEED=${SEED})`, () => {
  /** All lives with one death, at each `stride`-th step; `deathsAt` may add more. */
  const liveAll = async (
    live: (deaths: readonly number[]) => ReturnType<typeof liveInSteps>,
    stride = 1,
    deathsAt = (step: number): readonly number[] => [step],
  ) => {
    const { steps, ...whole } = await live([]);
    assertJournalled({ steps, ...whole });
    assert.equal(whole.asked.length, REPLIES);
    assert.ok(steps > 100, `${steps} steps`);
    const ends = new Set<string>();
    let unknown = 0;
    for (let step = stride; step <= steps; step += stride) {
      const lived = await live(deathsAt(step));
      assertJournalled(lived);
      for (const end of lived.ends) ends.add(end);
      unknown += lived.told().length;
    }
    return { ends, unknown };
  };
  const inMemory = (deaths: readonly number[]) => liveInSteps(deaths, 0, makeMemoryStorage());

  it('in memory, before and after each port call', async () => {
    const { ends, unknown } = await liveAll(inMemory);
    for (const call of ['respond', 'journal.append', 'run of send', 'run of pay', 'run of look', 'send', 'a unit', 'queue.claim'])
      for (const when of ['before', 'after']) assert.ok(ends.has(`${when} ${call}`), `none died ${when} ${call}: ${[...ends].join(', ')}`);
    assert.ok(unknown > 0, 'some act was told as unknown');
  }).timeout(60_000);

  it('in memory, where the next process dies, too', async () => {
    const { fraction } = makeSeededRandomness(SEED);
    const { ends } = await liveAll(inMemory, 1, (step) => [step, 1 + Math.floor(fraction() * 120)]);
    assert.ok(ends.size > 0);
  }).timeout(60_000);

  it('on SQLite, at each seventh', async () => {
    const { subject, close } = await openFreshStorage();
    let n = 0;
    try {
      await liveAll((deaths) => liveInSteps(deaths, n++, subject), 7);
    } finally {
      await close();
    }
  }).timeout(60_000);
});
