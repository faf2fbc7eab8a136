import { expect } from 'chai';
import { GOALS } from './goals/index.ts';
import type { Goal } from './goal.ts';
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
  for (const goal of GOALS)
    it(`${goal.id}: not ${goal.wants}`, async () => {
      expect(await attempt(goal, process.env.PLANTED ? goal.guards : [])).to.equal(undefined);
    });
});
