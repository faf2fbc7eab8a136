import { expect } from 'chai';
import fc from 'fast-check';
import { readEnvFile } from '../../src/config/index.ts';
import { InvalidValueError } from '../../src/domain/index.ts';
import { withVariables } from '../../src/main/setup/env-text.ts';
import { withDailyBudget, withGroups, withOwner, withPerson, withWorkspace } from '../../src/main/setup/workspace-text.ts';

const set = (text: string, values: Readonly<Record<string, string>>): string => withVariables(text, new Map(Object.entries(values)));

describe('The text of .env after a set-up', () => {
  for (const [what, before, values, after] of [
    ['begins a file', '', { A: '1' }, 'A=1\n'],
    ['replaces an assignment where it stands', 'A=1\nB=2\n', { A: '3' }, 'A=3\nB=2\n'],
    ['replaces the export of one', 'export A=1\nB=2', { A: '3' }, 'A=3\nB=2\n'],
    ['replaces a value of several lines', 'A="1\n2\n3"\nB=2\n', { A: '3' }, 'A=3\nB=2\n'],
    ['replaces the last one of two', 'A=1\nA=2\n', { A: '3' }, 'A=1\nA=3\n'],
    ['takes the place of an example', '# --- Models\n# A=\nB=2\n', { A: '3' }, '# --- Models\nA=3\nB=2\n'],
    ['leaves examples of other names', '# AB=\n', { A: '3' }, '# AB=\nA=3\n'],
    ['quotes what would be read as something else', '', { A: 'x # y', B: "it's", C: ' z ' }, "A='x # y'\nB=\"it's\"\nC=' z '\n"],
    ['keeps the lines of Windows readable', 'A=1\r\nB=2\r\n', { B: '3' }, 'A=1\nB=3\n'],
  ] as const)
    it(what, () => expect(set(before, values)).to.equal(after));

  it('refuses what the file can not hold', () => expect(() => set('', { A: 'it\'s "`#' })).to.throw(InvalidValueError, 'the value of A'));

  it('gives back any value of visible characters, or refuses it, and changes no other variable', () =>
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme-ascii' }),
        fc.constantFrom('', 'B=2\n', '# A=\nB="2"\n', 'A=1\nB=2\n'),
        (value, before) => {
          try {
            const { variables } = readEnvFile(Buffer.from(set(before, { A: value })));
            expect(variables).to.deep.equal({ A: value, ...(before.includes('B=') ? { B: '2' } : {}) });
          } catch (error) {
            if (!(error instanceof InvalidValueError)) throw error;
          }
        },
      ),
    ));
});

describe('workspace_config.json after a set-up', () => {
  it('makes somebody an owner who may write, and leaves what else is said of them', () => {
    const before = { people: { 1: { name: 'Ann', role: 'guest', budget: { daily_usd: 1 } }, 2: { name: 'Ben' } } };
    expect(withOwner(before, { id: '1', name: 'Somebody' })).to.deep.equal({
      people: { 1: { name: 'Ann', role: 'owner', budget: { daily_usd: 1 } }, 2: { name: 'Ben' } },
      dm_whitelist: { allowed_user_ids: { 1: { description: 'Somebody' } } },
    });
  });

  it('lets people in by number or username', () => {
    const both = withPerson(withPerson({}, { id: '@ann', name: '@ann' }), { id: '7', name: 'Ben' });
    expect(both).to.deep.equal({
      dm_whitelist: { allowed_users: { ann: { description: '@ann' } }, allowed_user_ids: { 7: { description: 'Ben' } } },
    });
  });

  it('adds groups once, and to the section that must say the same where it is there', () => {
    const first = withGroups(withWorkspace({ telegram_groups: {} }, 'W', { working_directory: '/w' }), 'W', ['-1']);
    const second = withGroups(first, 'W', ['-1', '-2']);
    expect(second).to.deep.equal({
      telegram_groups: { '-1': 'W', '-2': 'W' },
      workspaces: { W: { description: 'W', workspace_type: 'project', working_directory: '/w', telegram_chat_ids: ['-1', '-2'] } },
    });
    expect(withGroups(withWorkspace({}, 'W', {}), 'W', ['-1'])).to.not.have.property('telegram_groups');
  });

  it('limits a day, and leaves the month', () =>
    expect(withDailyBudget({ budget: { monthly_usd: 9 } }, 5)).to.deep.equal({ budget: { monthly_usd: 9, daily_usd: 5 } }));
});
