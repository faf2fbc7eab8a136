import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { auditConfiguration } from '../../src/main/audit-config.ts';
import { makeFixedClock } from '../../src/testing/index.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

const SECRET = 'sk-open-sesame-4711';

describe('What a process has read of its configuration', () => {
  let cwd = '';
  beforeEach(() => {
    cwd = takeDirectory('audit-config');
    for (const name of ['config', 'config/agents', 'config/skills']) mkdirSync(join(cwd, name));
  });
  afterEach(() => removeDirectory(cwd));
  const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
  const workspaces = (workspace: object): void =>
    write('config/workspace_config.json', JSON.stringify({ workspaces: { Acme: workspace } }));

  const stage = () => {
    const storage = makeMemoryStorage();
    const config = {
      workspaceConfigPath: join(cwd, 'config/workspace_config.json'),
      secretFiles: [],
      mcp: { path: join(cwd, '.mcp.json') },
      agents: { directories: { agents: join(cwd, 'config/agents'), skills: join(cwd, 'config/skills') } },
    };
    const { audit } = storage.stores;
    const start = (role = 'start', env: NodeJS.ProcessEnv = {}) =>
      auditConfiguration(storage, role, config, { clock: makeFixedClock(), cwd, env });
    const told = async () => {
      while ((await audit.seal(10)) > 0);
      return (await audit.read({ limit: 100 })).map(
        ({ kind, facts }) => ({ kind, ...(facts as Record<string, unknown>) }) as Record<string, unknown>,
      );
    };
    const memory = async () => [...(await storage.state('audit').list(''))].map(([, value]) => value).join();
    return { start, told, memory };
  };

  it('is told with its files and their hashes, once for each role', async () => {
    workspaces({ path: '/work' });
    const { start, told } = stage();
    await start();
    await start();
    await start('worker');
    const facts = await told();
    expect(facts.map(({ kind, process }) => [kind, process])).to.deep.equal([
      ['configuration', 'start'],
      ['configuration', 'worker'],
    ]);
    expect(facts[0]).not.to.have.any.keys('added', 'changed', 'removed');
    const [file] = (facts[0]?.files ?? []) as { path: string; sha256: string }[];
    expect(file?.path).to.equal(join('config', 'workspace_config.json'));
    expect(file?.sha256).to.match(/^[0-9a-f]{64}$/);
  });

  it('is told by its places where it has changed, and never by its values', async () => {
    workspaces({ path: '/work', aliases: ['a'], is_dev_group: false });
    write('.env', `ANTHROPIC_API_KEY=${SECRET}\nLOG_LEVEL=INFO\n`);
    write('config/agents/helper.md', '---\nname: helper\n---\nHelp.');
    const { start, told, memory } = stage();
    await start('start', { KEPT_API_TOKEN: `${SECRET}-a` });
    workspaces({ path: '/secret/elsewhere', is_dev_group: false, notion: { db: 'x' } });
    write('.env', `ANTHROPIC_API_KEY=${SECRET}-new\nOPENAI_API_KEY=${SECRET}\n`);
    rmSync(join(cwd, 'config/agents/helper.md'));
    await start('start', { KEPT_API_TOKEN: `${SECRET}-b` });
    const change = (await told()).at(-1);
    const config = `${join('config', 'workspace_config.json')} workspaces.Acme`;
    expect(change?.added).to.deep.equal(['.env OPENAI_API_KEY', `${config}.notion.db`]);
    expect(change?.changed).to.deep.equal(['.env ANTHROPIC_API_KEY', `${config}.path`, 'environment KEPT_API_TOKEN']);
    expect(change?.removed).to.deep.equal(['.env LOG_LEVEL', `${config}.aliases`]);
    expect(JSON.stringify(change)).not.to.include('helper.md');
    expect(`${JSON.stringify(await told())}${await memory()}`).not.to.match(/open-sesame|elsewhere|INFO/);
  });

  it('is told once more where what was remembered is damaged, and of files that are no JSON', async () => {
    write('config/workspace_config.json', '{ "workspaces": ');
    const { start, told } = stage();
    await start();
    expect(await told()).to.have.length(1);
    write('config/workspace_config.json', '{ "workspaces": {');
    await start();
    expect((await told())[1]).to.deep.include({ added: [], changed: [], removed: [] });
  });
});
