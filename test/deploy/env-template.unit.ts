import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { envTemplate, writtenTemplate } from '../../scripts/env-template.ts';
import { readEnvFile } from '../../src/config/env-file.ts';
import { loadConfig, VARIABLE_NAMES } from '../../src/config/index.ts';

const template = readFileSync(new URL('../../deploy/kept.env.example', import.meta.url), 'utf8');
const entries = [...template.matchAll(/^(?:# (.*)\n)?#([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, words = '', name = '', standard = '']) => ({
  words,
  name,
  standard,
}));

describe('The template of variables', () => {
  it('is what `node scripts/env-template.ts` writes', () => {
    expect(template).to.equal(writtenTemplate());
  });

  it('has every variable once, below a heading, with a line of what it means', () => {
    expect(entries.map(({ name }) => name).sort()).to.deep.equal([...VARIABLE_NAMES].sort());
    for (const { name, words } of entries) expect(words, name).to.match(/^[A-Za-z].{8,}[.…?)]$/);
    expect(template.match(/^# --- .+$/gm)?.length).to.be.greaterThan(5);
    for (const line of template.split('\n')) expect(line.length, line).to.be.at.most(120);
  });

  it('sets nothing as it is, and what a default Kept has when its defaults are uncommented', () => {
    expect(readEnvFile(Buffer.from(template))).to.deep.include({ variables: {}, problems: [] });
    const { variables, problems } = readEnvFile(Buffer.from(template.replace(/^#(?=[A-Z][A-Z0-9_]+=)/gm, '')));
    expect(problems).to.deep.equal([]);
    const load = (env: Readonly<Record<string, string>>) => {
      const loaded = loadConfig({ env, cwd: '/srv', readFile: () => undefined, kindOf: () => 'directory' });
      return loaded.ok ? loaded.value : expect.fail(JSON.stringify(loaded.error));
    };
    // Files that are there by default must be there when they are named; and who names what it has not is warned.
    const { KEPT_CONFIG: _config, KEPT_MCP_CONFIG: _mcp, KEPT_AGENTS_DIR: _agents, KEPT_SKILLS_DIR: _skills, ...given } = variables;
    // Those of agents stand with the agents.
    const { warnings: _given, agents: _named, ...withDefaults } = load(given);
    const { warnings: _none, agents: _built, ...withNothing } = load({});
    expect(withDefaults).to.deep.equal(withNothing);
  });

  it('holds nothing that looks like a secret', () => {
    for (const { words, name, standard } of entries) if (words.startsWith('Secret.')) expect(standard, name).to.equal('');
    expect(template).not.to.match(/\b(sk|ntn|pplx|xox)-?[A-Za-z0-9_-]{8,}|\d{6,}:[\w-]{20,}/);
  });

  it('takes the first sentence that is no example, without marks, and cuts what is long', () => {
    const row = (cells: string): string =>
      envTemplate(`### Group\n\n| Variable | Type | Default | Meaning |\n| --- | --- | --- | --- |\n| ${cells} |\n`).split('# --- ')[1] ??
      '';
    expect(row('`PORT` | number | `9000` | `1` or `2`. The [port](x.md) of `it`: take a free one. More.')).to.equal(
      'Group\n# The port of it: take a free one.\n#PORT=9000\n',
    );
    expect(row(`\`A\` | secret | \`x\` | ${'word '.repeat(40)}`)).to.match(/^Group\n# Secret\. (word )+…\n#A=\n$/);
  });
});
