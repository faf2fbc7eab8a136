import fc from 'fast-check';
import type { When } from './promise-life-faults.ts';
import { makePromiseLife, type PromiseLife, type Wanted, type Work } from './promise-life-world.ts';

type Happening =
  | { readonly kind: 'make'; readonly chat: number; readonly wanted: readonly Wanted[] }
  | { readonly kind: 'schedule'; readonly chat: number; readonly minutes: number }
  | { readonly kind: 'end schedule' | 'cancel' | 'retry' | 'cut off' | 'reconnect' | 'restart'; readonly n: number }
  | { readonly kind: 'work'; readonly outcome: Work }
  | { readonly kind: 'crash'; readonly n: number; readonly after: number }
  | { readonly kind: 'free the dead' }
  | { readonly kind: 'storage fails' | 'sends fail'; readonly count: number; readonly when: When }
  | { readonly kind: 'pass' | 'sleep' | 'put clock'; readonly ms: number };

const n = fc.nat({ max: 20 });
const ms = (min: number, max: number) => fc.integer({ min, max });
const count = fc.integer({ min: 1, max: 3 });
const chat = fc.nat({ max: 1 });
const when = fc.constantFrom<When>('before', 'after');
const parents = fc.oneof(fc.constant([]), fc.array(fc.nat({ max: 6 }), { maxLength: 3 }));
const wanted: fc.Arbitrary<Wanted> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ parents }) },
  { weight: 1, arbitrary: fc.record({ parents, startInMs: ms(0, 120_000) }) },
  { weight: 1, arbitrary: fc.record({ parents, deadlineInMs: ms(1, 300_000) }) },
  { weight: 1, arbitrary: fc.record({ parents, startInMs: ms(0, 60_000), deadlineInMs: ms(1, 300_000) }) },
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('make' as const), chat, wanted: fc.array(wanted, { minLength: 1, maxLength: 4 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('work' as const),
      outcome: fc.constantFrom<Work>('slow', 'slow', 'hang', 'hang', 'deaf', 'fail', 'fail', 'fail for good'),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: ms(1, 60_000) }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constantFrom(...(['cancel', 'cancel', 'retry', 'retry', 'retry', 'restart', 'restart', 'cut off', 'reconnect'] as const)),
      n,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), n, after: ms(1, 40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('storage fails' as const, 'sends fail' as const), count, when }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sleep' as const), ms: ms(1, 90_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('put clock' as const), ms: ms(-300_000, 300_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('schedule' as const), chat, minutes: fc.constantFrom(1, 2) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end schedule' as const), n }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('free the dead' as const) }) },
);

const happen = async (life: PromiseLife, what: Happening): Promise<unknown> => {
  switch (what.kind) {
    case 'make':
      return life.make(what.chat, what.wanted);
    case 'schedule':
      return life.schedule(what.chat, what.minutes);
    case 'end schedule':
      return life.endSchedule(what.n);
    case 'cut off':
      return life.cutOff(what.n);
    case 'work':
      return life.willWork(what.outcome);
    case 'crash':
      return life.crash(what.n, what.after);
    case 'free the dead':
      return life.freeTheDead();
    case 'storage fails':
      return life.storageFails(what.count, what.when);
    case 'sends fail':
      return life.sendsFail(what.count, what.when);
    case 'put clock':
      return life.putClock(what.ms);
    case 'pass':
    case 'sleep':
      return life[what.kind](what.ms);
    default:
      return life[what.kind](what.n);
  }
};

const seed = Number(process.env.KEPT_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const numRuns = Number(process.env.KEPT_TEST_SEQUENCES ?? 1_000);

describe(`the life of promises, whatever happens to workers, storage and clocks: ${numRuns} sequences (KEPT_TEST_SEED=${seed})`, () => {
  it('every step is lawful: parents first, one holder, fair shares, each tick once; in the end each outcome was told once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 25, size: 'max' }), fc.nat(), async (happenings, chance) => {
        const life = makePromiseLife(chance);
        await life.start();
        for (const each of happenings) await happen(life, each);
        await life.comeToRest();
        await life.check();
      }),
      { numRuns, seed },
    );
  }).timeout(180_000);

  it('a worker that was cut off runs what is cancelled and tried again meanwhile: no other begins it before that lease has run out', async () => {
    const life = makePromiseLife(0);
    await life.start();
    life.willWork('slow');
    await life.make(0, [{ parents: [] }]);
    life.cutOff(0);
    await life.cancel(0);
    await life.retry(0);
    await life.pass(30_000);
    await life.retry(0);
    await life.comeToRest();
    await life.check();
  });

  it('a heartbeat that hangs while the clock is put back shortens no lease: no other worker begins what still runs', async () => {
    const life = makePromiseLife(0);
    await life.start();
    life.willWork('slow');
    await life.restart(0);
    await life.make(0, [{ parents: [] }]);
    await life.putClock(-10_002);
    life.cutOff(16);
    await life.pass(40_001);
    life.willWork('slow');
    await life.comeToRest();
    await life.check();
  });
});
