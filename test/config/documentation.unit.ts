import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { environmentSchema } from '../../src/config/environment.ts';
import { VARIABLE_NAMES } from '../../src/config/index.ts';
import { readWorkspaceFile } from '../../src/config/read-workspace-file.ts';
import { workspacePolicy } from '../../src/config/workspace-policy.ts';
import { KNOWN_KEYS } from '../../src/config/workspace-schema.ts';

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const reference = text('docs/reference/configuration.md');
const [variables = '', keys = ''] = reference.split('## `workspace_config.json`');
/** The rows of all tables of a part, each as its cells. */
const rowsOf = (part: string): string[][] =>
  [...part.matchAll(/^\| (`\w+` \|.*) \|$/gm)].map(([, row = '']) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));
const namesInTables = (part: string): string[] => [...part.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name as string);

describe('The reference of the configuration', () => {
  it('lists every variable once, and no other', () => {
    expect(namesInTables(variables).sort()).to.deep.equal([...VARIABLE_NAMES].sort());
  });

  it('states the type of every variable as its kind does', () => {
    const shown = Object.fromEntries(rowsOf(variables).map(([name = '', type = '']) => [name.replaceAll('`', ''), type]));
    const kinds = Object.fromEntries(Object.entries(environmentSchema.shape).map(([name, kind]) => [name, kind.description]));
    expect(shown).to.deep.equal(kinds);
  });

  it('lists every key of workspace_config.json, and no other', () => {
    expect(new Set(namesInTables(keys))).to.deep.equal(new Set(Object.values(KNOWN_KEYS).flat()));
  });

  it('has every variable in .env.example, and no other', () => {
    const named = [...text('.env.example').matchAll(/^# ([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name as string);
    expect(named.sort()).to.deep.equal([...VARIABLE_NAMES].sort());
  });

  it('shows an example that loads', () => {
    const example = /```json\n([\s\S]*?)```/.exec(keys)?.[1] ?? '';
    const { content, problems } = readWorkspaceFile('example', example);
    if (!content) throw new Error(JSON.stringify(problems));
    expect(problems).to.deep.equal([]);
    expect(workspacePolicy('example', content, { cwd: '/', kindOf: () => 'directory' }).problems).to.deep.equal([]);
  });
});
