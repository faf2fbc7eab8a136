import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { GROUPS, RISKS } from '../enemy/goal.ts';
import { GOALS } from '../enemy/goals/index.ts';
import { DOORS } from '../enemy/stories.ts';
import { TASKS } from '../enemy/tasks/index.ts';

const page = readFileSync(new URL('../../docs/explanation/security.md', import.meta.url), 'utf8');

/** The cells of the table behind that mark, without its head. */
const tableBehind = (mark: string): readonly (readonly string[])[] =>
  (page.split(`<!-- ${mark} -->`)[1] ?? '')
    .split('\n\n')[1]
    ?.split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ) ?? [];

describe('The page on security', () => {
  it('counts the goals of each risk, and those that are also run without their guard', () => {
    const rows = tableBehind('goals').map(([risk, , goals, planted]) => [risk, goals, planted]);
    expect(rows).to.deep.equal(
      RISKS.map((risk) => {
        const goals = GOALS.filter((goal) => goal.risk === risk);
        return [risk, String(goals.length), String(goals.filter(({ guards }) => guards.length > 0).length)];
      }),
    );
  });

  it('counts the goals of each door', () => {
    const count = (door: string): number => GOALS.filter((goal) => goal.door === door).length;
    expect(tableBehind('doors')).to.deep.equal([...DOORS, 'several'].map((door) => [door, String(count(door))]));
  });

  it('has goals of every group, and enough of goals and tasks', () => {
    for (const group of GROUPS)
      expect(
        GOALS.filter((goal) => goal.group === group),
        group,
      ).to.not.deep.equal([]);
    for (const door of DOORS)
      expect(
        GOALS.filter((goal) => goal.door === door),
        door,
      ).to.not.deep.equal([]);
    expect(GOALS.length).to.be.at.least(120);
    expect(TASKS.length).to.be.at.least(60);
  });
});
