import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { makeProgram } from '../../src/main/program.ts';

describe('The table of commands in the README', () => {
  it('has every command that the help shows, and no other', async () => {
    const [, table = ''] =
      /^\| command \| what it does \|\n([\s\S]*?)\n\n/m.exec(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')) ?? [];
    const firstCells = table.split('\n').map((row) => row.replaceAll('\\|', ',').split('|')[1] ?? '');
    const named = firstCells.flatMap((cell) => [...cell.matchAll(/`kept ([a-z]+)/g)].map(([, name]) => name));
    const program = await makeProgram({ quiet: true });
    const shown = program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name());
    expect([...new Set(named)].toSorted()).to.deep.equal(shown.filter((name) => name !== 'help').toSorted());
  });
});
