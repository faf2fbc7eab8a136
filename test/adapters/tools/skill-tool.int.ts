import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { makeSkillTool } from '../../../src/adapters/tools/index.ts';
import type { ToolContext } from '../../../src/ports/index.ts';

describe('read_skill', () => {
  let root: string;
  const context = { skills: ['brew*'], signal: new AbortController().signal } as unknown as ToolContext;
  const read = async (input: object, given = context) =>
    makeSkillTool(
      ['brewing', 'pots'].map((name) => ({ name, description: name, directory: join(root, name) })),
      makeWorkspaceFiles({}),
    )
      .run(input, given)
      .catch((error: Error) => ({ output: error.message, isError: true }));

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'kept-skills-'));
    for (const name of ['brewing', 'pots']) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, 'SKILL.md'), `All about ${name}.`);
    }
    writeFileSync(join(root, 'brewing', 'long.md'), 'x'.repeat(30_000));
    symlinkSync(join(root, 'pots', 'SKILL.md'), join(root, 'brewing', 'link.md'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('reads the skill, and a further file of it, cut with a note', async () => {
    expect(await read({ name: 'brewing' })).to.deep.equal({ output: 'All about brewing.', isError: false });
    expect((await read({ name: 'brewing', path: 'long.md' })).output).to.include('read on with offset 19000');
  });

  it('refuses a skill that the agent does not name, and one that is not there', async () => {
    expect(await read({ name: 'pots' })).to.deep.include({ isError: true, output: 'There is no skill pots. There are: brewing.' });
    expect((await read({ name: 'brewin' })).output).to.include('Did you mean brewing?');
    expect((await read({ name: 'brewing' }, { ...context, skills: [] })).isError).to.equal(true);
  });

  for (const path of ['../pots/SKILL.md', 'link.md', '/etc/passwd'])
    it(`stays inside the folder of the skill: ${path}`, async () => {
      const output = `"${path}" leads outside the directory that may be read here`;
      expect(await read({ name: 'brewing', path })).to.deep.equal({ isError: true, output });
    });
});
