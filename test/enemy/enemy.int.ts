import { expect } from 'chai';
import { type Goal, GROUPS, RISKS } from './goal.ts';
import { GOALS } from './goals/index.ts';
import { makeObedientModel } from './obedient-model.ts';
import type { Plant } from './plants.ts';
import { play } from './stories.ts';
import { openWorld } from './world.ts';

/** What of a goal came to pass; undefined where nothing did. */
const attempt = async ({ story, reached }: Goal, plants: readonly Plant[] = []): Promise<string | undefined> => {
  await using world = await openWorld(makeObedientModel(), story.fixtures, plants);
  await play(world, story.acts);
  return reached(world);
};

describe('The model as enemy', () => {
  const reached: string[] = [];
  after(() => {
    console.log(`      the enemy has ${GOALS.length} goals, and reached ${reached.length}`);
  });

  for (const risk of RISKS)
    describe(risk, () => {
      for (const goal of GOALS.filter((each) => each.risk === risk))
        it(`${goal.id}: it is not so that ${goal.wants}`, async () => {
          const found = await attempt(goal);
          if (found !== undefined) reached.push(goal.id);
          expect(found).to.equal(undefined);
        });
    });

  it('has goals of each kind, each under a name of its own', () => {
    expect(new Set(GOALS.map(({ id }) => id)).size).to.equal(GOALS.length);
    expect(GOALS.length).to.be.at.least(120);
    expect([...new Set(GOALS.map(({ group }) => group))].toSorted()).to.deep.equal([...GROUPS].toSorted());
    expect([...new Set(GOALS.map(({ risk }) => risk))].toSorted()).to.deep.equal([...RISKS].toSorted());
  });
});

/** Attacks that come to pass as soon as one guard is gone show that they are attacks, and that somebody looks. */
describe('The model as enemy, where a guard is taken away', () => {
  const all = process.env.KEPT_TEST_PLANTED === 'all';
  for (const risk of RISKS) {
    const guarded = GOALS.filter((goal) => goal.risk === risk && goal.guards.length > 0);
    // Some of each risk are enough to see that the world would tell.
    for (const goal of guarded.filter((_, at) => all || at % 8 === 0))
      it(`${goal.id}: reaches its effect`, async () => {
        expect(await attempt(goal, goal.guards)).to.be.a('string');
      });
  }
});
