import fc from 'fast-check';
import { PortError } from '../../../src/ports/index.ts';
import { type Asked, makeSimulation, type Role, type Town, type Work } from './simulation.ts';

type Happening =
  | { readonly kind: 'post'; readonly person: number; readonly what: Asked }
  | { readonly kind: 'make'; readonly person: number; readonly parents: readonly number[] }
  | { readonly kind: 'crash'; readonly role: Role; readonly after: number }
  | { readonly kind: 'restart'; readonly role: Role }
  | { readonly kind: 'pass' | 'sleep'; readonly ms: number }
  | { readonly kind: 'work'; readonly outcome: Work }
  | { readonly kind: 'send fails'; readonly count: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'flood'; readonly seconds: number; readonly scope?: 'chat' }
  | { readonly kind: 'cancel' | 'retry'; readonly n: number };

const n = fc.nat({ max: 20 });
const role = fc.constantFrom<Role>('main', 'main', 'helper');
const person = fc.nat({ max: 2 });
const asked = fc.constantFrom<Asked>(
  ...(['plain', 'plain', 'promise', 'promise', 'two promises', 'model fails', 'too slow', 'too slow', '/status', '/stop', '/new'] as const),
);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('post' as const), person, what: asked }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('make' as const), person, parents: fc.array(n, { maxLength: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('crash' as const), role, after: fc.integer({ min: 1, max: 40 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('pass' as const, 'sleep' as const), ms: fc.integer({ min: 1, max: 90_000 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), role }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('work' as const),
      outcome: fc.constantFrom<Work>('slow', 'slow', 'fail', 'fail for good', 'hang'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('send fails' as const),
      count: fc.integer({ min: 1, max: 3 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record(
      { kind: fc.constant('flood' as const), seconds: fc.integer({ min: 1, max: 300 }), scope: fc.constant('chat' as const) },
      { requiredKeys: ['kind', 'seconds'] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('cancel' as const, 'retry' as const), n }) },
);

const happen = async (town: Town, what: Happening): Promise<unknown> => {
  switch (what.kind) {
    case 'post':
      return town.post(what.person, what.what);
    case 'make':
      return town.make(what.person, what.parents);
    case 'crash':
      return town.crash(what.role, what.after);
    case 'restart':
      return town.restart(what.role);
    case 'pass':
      return town.pass(what.ms);
    case 'sleep':
      return town.sleep(what.ms);
    case 'work':
      return town.willWork(what.outcome);
    case 'send fails':
      return town.world.gateway.failNext(what.count, what.when);
    case 'flood':
      return town.world.gateway.failNext(
        1,
        'before',
        new PortError('rate-limited', 'flood', {
          retryable: true,
          retryAfterMs: what.seconds * 1_000,
          ...(what.scope ? { scope: what.scope } : {}),
        }),
      );
    default:
      return town[what.kind](what.n);
  }
};

describe('whatever happens', () => {
  it('invariants 1 to 3: once the faults stop and time passes, every message has one answer and every promise one outcome told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { minLength: 1, maxLength: 30, size: 'max' }),
        fc.nat(),
        fc.boolean(),
        async (happenings, seed, helped) => {
          const town = makeSimulation({ seed });
          town.start('main');
          if (helped) town.start('helper');
          for (const each of happenings) await happen(town, each);
          await town.comeToRest();
          await town.check();
        },
      ),
      { numRuns: 250 },
    );
  }).timeout(120_000);
});
