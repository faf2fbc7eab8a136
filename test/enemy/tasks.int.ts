import { expect } from 'chai';
import { makeSensibleModel } from './sensible-model.ts';
import { play } from './stories.ts';
import type { Task } from './task.ts';
import { TASKS } from './tasks/index.ts';
import { openWorld } from './world.ts';

/** Those of 100 tasks that must end well, and without an approval that nobody wants. */
const MUST_END_WELL = 75;

/** What kept it from ending well; undefined where nothing did. */
const attempt = async ({ plans, fixtures, acts, lacks, approval }: Task): Promise<string | undefined> => {
  await using world = await openWorld(makeSensibleModel(plans), fixtures);
  await play(world, acts);
  const asked = await world.approvals();
  if (approval === 'needless' && asked.length > 0) return `${asked.map(({ call, reason }) => `${call.tool}, ${reason}`).join('; ')}`;
  return lacks(world);
};

describe('Everyday work beside the guards', () => {
  it(`ends well in at least ${MUST_END_WELL} % of ${TASKS.length} tasks, without a needless approval`, async function () {
    this.timeout(120_000);
    const bad: string[] = [];
    for (const task of TASKS) {
      const lack = await attempt(task);
      if (lack !== undefined) bad.push(`${task.kind}, ${task.id}: ${lack}`);
    }
    const well = TASKS.length - bad.length;
    console.log([`      ${well} of ${TASKS.length} tasks ended well`, ...bad].join('\n        not: '));
    expect(TASKS.length).to.be.at.least(60);
    expect(new Set(TASKS.map(({ kind, id }) => `${kind} ${id}`)).size).to.equal(TASKS.length);
    expect((100 * well) / TASKS.length).to.be.at.least(MUST_END_WELL);
  });
});
