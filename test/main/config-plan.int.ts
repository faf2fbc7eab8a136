import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Config, readProcessConfig } from '../../src/config/index.ts';
import { chatId, userId } from '../../src/domain/index.ts';
import { planInWords } from '../../src/main/commands/config-plan.ts';
import { planAccess } from '../../src/main/commands/plan-grants.ts';
import { runKept } from '../support/run-kept.ts';
import { ROWS, WRITTEN, type WrittenFile } from './config-plan-rows.ts';

const STORED = {
  paired: new Set([userId('telegram:507')]),
  moves: [{ from: chatId('telegram:-1003'), to: chatId('telegram:-1009'), at: 0 }],
};

const TRIAGE = '---\nname: triage\ndescription: Sorts\ntools: [recall, search_links]\n---\nSort it.\n';
const SERVERS = { files: { command: 'node', args: ['x'] }, tracker: { command: 'node', args: ['x'] } };

describe('kept config plan', () => {
  let root: string;
  let present: Config;
  const env = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH, KEPT_MODELS: 'rehearsal', NOTION_API_KEY: 'ntn_0123456789abcdef' });
  const write = (name: string, file: WrittenFile): string => {
    const path = join(root, name);
    writeFileSync(path, JSON.stringify(file));
    return path;
  };
  const read = (file?: string): Config => {
    const { config, problems } = readProcessConfig(env(), root, { insteadOfWorkspaces: file });
    expect(problems.filter(({ severity }) => severity === 'error')).to.deep.equal([]);
    return config;
  };

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'kept-plan-'));
    mkdirSync(join(root, 'config', 'agents'), { recursive: true });
    writeFileSync(join(root, 'config', 'agents', 'triage.md'), TRIAGE);
    writeFileSync(join(root, '.mcp.json'), JSON.stringify({ mcpServers: SERVERS }), { mode: 0o600 });
    write('config/workspace_config.json', WRITTEN);
    present = read();
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  for (const { name, change, expected } of ROWS)
    it(`tells all that comes of ${name}, and nothing else`, async () => {
      const file = structuredClone(WRITTEN);
      change(file);
      expect(await planAccess(present, read(write('new.json', file)), STORED)).to.deep.equal(expected);
    });

  it('tells the reverse of each change the other way round', async () => {
    for (const { name, change, expected } of ROWS) {
      const file = structuredClone(WRITTEN);
      change(file);
      const back = await planAccess(read(write('new.json', file)), present, STORED);
      const turned = expected.map(({ gains, loses, ...where }) => ({ ...where, gains: turnedRound(loses), loses: turnedRound(gains) }));
      expect(sorted(back), name).to.deep.equal(sorted(turned));
    }
  });

  it('reads the file where it is, changes nothing, and exits 0, 2, 64 or 78', async () => {
    const site = { root, env: env() };
    const same = await runKept(site, ['config', 'plan', '--config', 'config/workspace_config.json']);
    expect(same).to.deep.include({ code: 0, stdout: 'Nobody gains or loses anything.\n' });
    const file = structuredClone(WRITTEN);
    ROWS.find(({ name }) => name === 'an owner of a workspace')?.change(file);
    write('new.json', file);
    const told = await runKept(site, ['config', 'plan', '--config', 'new.json', '--json']);
    const gains = ['approve', 'give standing approvals'];
    expect(told.code).to.equal(2);
    expect(JSON.parse(told.stdout)).to.deep.equal({ changes: [{ subject: 'telegram:501', place: 'Orchard', gains, loses: [] }] });
    expect((await runKept(site, ['config', 'plan'])).code).to.equal(64);
    writeFileSync(join(root, 'bad.json'), '{"workspaces": {"Acme": {}}}');
    const bad = await runKept(site, ['config', 'plan', '--config', 'bad.json']);
    expect(bad.code).to.equal(78);
    expect(bad.stderr).to.include('bad.json: workspaces.Acme.working_directory');
  });

  it('tells those alike in one line, and no more than a screen takes', () => {
    const change = (subject: string, place: string) => ({ subject, place, gains: ['ask'], loses: [] });
    expect(planInWords([change('Acme', 'Acme'), change('telegram:501', 'Acme'), change('anybody', 'own')], present)).to.equal(
      'Whoever writes, Anna (telegram:501) in Acme\n  gains  ask\n\n' +
        'Anybody whom nothing names in their own conversation\n  gains  ask\n\n3 changes. Nothing was changed.',
    );
    const many = planInWords(
      Array.from({ length: 150 }, (_, i) => change(`W${i}`, `W${i}`)),
      present,
    );
    expect(many).to.include('and 50 more; ').and.not.include('W149');
  });
});

/** `$5.00 → $8.00` becomes `$8.00 → $5.00`. */
const turnedRound = (words: readonly string[]): readonly string[] =>
  words.map((each) => each.replace(/: (no limit|\$[\d.,]+) → (no limit|\$[\d.,]+)$/, ': $2 → $1'));

const sorted = (changes: Awaited<ReturnType<typeof planAccess>>): readonly unknown[] =>
  changes
    .map(({ gains, loses, ...where }) => ({ ...where, gains: [...gains].sort(), loses: [...loses].sort() }))
    .sort((a, b) => `${a.subject} ${a.place}`.localeCompare(`${b.subject} ${b.place}`));
