import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Container } from 'inversify';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { makeCorrelation, systemClock } from '../../src/adapters/system/index.ts';
import { makeReadAgain, readProcessConfig } from '../../src/config/index.ts';
import type { KeptEvent } from '../../src/domain/index.ts';
import { readAgainTimes, recordFilesRead, refusalsOf } from '../../src/main/files-read.ts';
import { makeLifecycle } from '../../src/main/lifecycle.ts';
import { makeLiveConfig } from '../../src/main/live-config.ts';
import { catalogOf } from '../../src/main/modules/agents.ts';
import { bindMcp } from '../../src/main/modules/mcp.ts';
import { makeReload } from '../../src/main/reload.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { PortError } from '../../src/ports/index.ts';
import { makeFixedClock } from '../../src/testing/index.ts';
import { useOwnServer } from '../support/mcp-servers.ts';

describe('A process that runs while its configuration is changed', () => {
  const server = useOwnServer();
  const root = (): string => join(server.directory(), 'site');
  const path = (name: string): string => join(root(), name);
  let writes = 0;
  const write = (name: string, text: string): void => {
    writeFileSync(`${path(name)}.draft`, text, { mode: 0o600 });
    // A process looks each second; here, several writes may be of one moment.
    utimesSync(`${path(name)}.draft`, 1_000_000 + writes, 1_000_000 + writes++);
    renameSync(`${path(name)}.draft`, path(name));
  };
  const workspaces = (more: object = {}): void =>
    write(
      'config/workspace_config.json',
      JSON.stringify({ workspaces: { Acme: { ...ACME, ...more } }, people: { '501': { name: 'Anna' } } }),
    );

  beforeEach(() => {
    for (const name of ['config/agents', 'config/skills', 'data']) mkdirSync(path(name), { recursive: true });
    workspaces();
  });

  const stage = (whileStarting = (): void => undefined) => {
    const given = { PATH: process.env.PATH, KEPT_MODELS: 'rehearsal' };
    const live = makeLiveConfig(readProcessConfig(given, root()).config);
    whileStarting();
    const told: KeptEvent[] = [];
    const storage = makeMemoryStorage();
    const events = { emit: (event: KeptEvent) => void told.push(event) };
    recordFilesRead(live.config.dataDir, 'kept', live.config, root());
    const readAgain = makeReadAgain(given, root());
    const reload = makeReload({ role: 'start', lock: 'kept', live, storage, clock: makeFixedClock(), events, cwd: root(), readAgain });
    /** Once to see a change, once more to see that it holds still. */
    const looks = async (): Promise<readonly string[]> => {
      const from = told.length;
      await reload.look();
      await reload.look();
      return told.slice(from).map(({ type }) => type);
    };
    const facts = async () => {
      while ((await storage.stores.audit.seal(10)) > 0);
      return (await storage.stores.audit.read({ limit: 100 })).map((row) => row.facts);
    };
    const refusal = () => refusalsOf([{ role: 'kept', pid: process.pid }], live.config)[0];
    const refused = () => (refusal()?.problems ?? []).map(({ problem }) => problem);
    return { live, told, storage, events, looks, facts, refusal, refused, reload };
  };

  it('takes over each file that it reads, once that holds still, and tells the audit log where it has changed', async () => {
    const { live, looks, facts } = stage();
    expect(await looks()).to.deep.equal([]);
    workspaces({ is_dev_group: true });
    expect(await looks()).to.deep.equal(['configuration-applied']);
    expect(live.config.policy.workspaces[0]?.isDevGroup).to.equal(true);
    write('config/agents/triage.md', '---\nname: triage\ndescription: Sorts\ntools: [recall]\nskills: [brewing]\n---\nSort it.\n');
    mkdirSync(path('config/skills/brewing'));
    write('config/skills/brewing/SKILL.md', '---\nname: brewing\ndescription: How to brew\n---\nBoil water.\n');
    write('config/prices.json', JSON.stringify({ 'openai/gpt-9': { input: 1, output: 2, asOf: '2026-11-01' } }));
    expect(await looks()).to.deep.equal(['configuration-applied']);
    expect(catalogOf(live.config).get('triage')?.instructions).to.include('brewing');
    expect(live.config.prices.get('openai/gpt-9')?.tokens).to.deep.equal({ input: 1, output: 2 });
    expect((await facts()).at(-1)).to.deep.include({ changed: [], removed: [] });
    rmSync(path('config/agents/triage.md'));
    expect(await looks()).to.deep.equal(['configuration-applied']);
    expect(catalogOf(live.config).get('triage')).to.equal(undefined);
    expect(await facts()).to.have.length(3);
    expect(await looks()).to.deep.equal([]);
  });

  it('changes nothing by a file with an error, or by one that is gone, and says so until it is right again', async () => {
    const { live, told, looks, facts, refused } = stage();
    await looks();
    write('config/workspace_config.json', '{"workspaces": {');
    expect(await looks()).to.deep.equal(['configuration-refused']);
    expect(told.at(-1)).to.deep.include({ files: ['config/workspace_config.json'], count: 1 });
    expect(refused()).to.have.length(1);
    expect(await looks()).to.deep.equal([]);
    workspaces({ agent: 'nobody' });
    write('.mcp.json', '{"mcpServers": 1}');
    expect(await looks()).to.deep.equal(['configuration-refused']);
    rmSync(path('.mcp.json'));
    rmSync(path('config/workspace_config.json'));
    expect(await looks()).to.deep.equal(['configuration-refused']);
    expect(refused()).to.deep.equal(['the file is gone']);
    expect(live.config.policy.workspaces.map(({ name }) => name)).to.deep.equal(['Acme']);
    expect(await facts()).to.deep.equal([]);
    workspaces();
    expect(await looks()).to.deep.equal([]);
    expect(refused()).to.deep.equal([]);
  });

  it('says how many problems it does not name', async () => {
    const { looks, refusal } = stage();
    await looks();
    const people = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`person-${i}`, { name: 1 }]));
    write('config/workspace_config.json', JSON.stringify({ workspaces: { Acme: ACME }, people }));
    await looks();
    const { problems = [], more = 0 } = refusal() ?? {};
    expect(problems).to.have.length(5);
    expect(more).to.be.above(0);
  });

  it('reads no file that changes from look to look', async () => {
    const { reload, told, looks } = stage();
    await looks();
    for (const description of ['a', 'bb', 'ccc']) {
      workspaces({ description });
      await reload.look();
    }
    expect(told).to.deep.equal([]);
    expect(await looks()).to.deep.equal(['configuration-applied']);
  });

  it('leaves variables, and the rules of alerts, to the next start', async () => {
    write('.env', 'KEPT_MODELS=rehearsal\nTELEGRAM_ALLOWED_GROUPS=Acme\n');
    const { live, looks } = stage();
    await looks();
    write('.env', 'KEPT_MODELS=rehearsal\n');
    expect(await looks()).to.deep.equal([]);
    workspaces({ is_dev_group: true });
    await looks();
    expect([...(live.config.policy.allowedGroups ?? [])]).to.deep.equal(['acme']);
    expect(Object.keys(readAgainTimes(live.config, root())).map((each) => each.slice(root().length + 1))).to.deep.equal([
      'config/workspace_config.json',
    ]);
  });

  it('finds what was changed while it started', async () => {
    const { live, looks } = stage(() => workspaces({ is_dev_group: true }));
    expect(live.config.policy.workspaces[0]?.isDevGroup).to.equal(false);
    await looks();
    expect(live.config.policy.workspaces[0]?.isDevGroup).to.equal(true);
  });

  it('tries again where the change can not be told to the audit log, and says so once', async () => {
    const { live, storage, looks, refused } = stage();
    await looks();
    const { add } = storage.stores.audit;
    storage.stores.audit.add = () => Promise.reject(new PortError('unavailable', 'the disk is full', { retryable: true }));
    workspaces({ is_dev_group: true });
    expect(await looks()).to.deep.equal(['configuration-not-applied']);
    expect(await looks()).to.deep.equal([]);
    expect(refused()).to.deep.equal(["can't be taken over yet: the disk is full"]);
    expect(live.config.policy.workspaces[0]?.isDevGroup).to.equal(false);
    storage.stores.audit.add = add;
    expect(await looks()).to.deep.equal(['configuration-applied']);
    expect(live.config.policy.workspaces[0]?.isDevGroup).to.equal(true);
    expect(refused()).to.deep.equal([]);
  });

  it('has the tools of a new MCP server for what begins then, and ends the old one behind the last turn that has it', async () => {
    const { live, looks, events } = stage();
    const container = new Container();
    const lifecycle = makeLifecycle(events);
    container.bind(TOKENS.config).toConstantValue(live.config);
    container.bind(TOKENS.live).toConstantValue(live);
    container.bind(TOKENS.clock).toConstantValue(systemClock);
    container
      .bind(TOKENS.events)
      .toConstantValue({ ...events, on: () => () => undefined, onFault: () => undefined, flush: () => undefined });
    container.bind(TOKENS.lifecycle).toConstantValue(lifecycle);
    bindMcp(container);
    const mcp = await container.getAsync(TOKENS.mcp);
    const [correlation, turnEnd] = [live.pinning(makeCorrelation()), Promise.withResolvers<void>()];
    const scope = { name: 'turn', correlationId: '0'.repeat(32), spanId: '0'.repeat(16) } as const;
    const names = (): readonly string[] => (mcp?.tools() ?? []).map(({ name }) => name.split('__')[1] ?? '');
    const servers = (name: string): void => {
      const { command, args } = server.own('steady') as { command: string; args: readonly string[] };
      write('.mcp.json', JSON.stringify({ mcpServers: { [name]: { command, args, env: { TOKEN: `secret-of-${name}` } } } }));
    };
    try {
      expect(names()).to.deep.equal([]);
      servers('first');
      expect(await looks()).to.include('configuration-applied');
      expect(new Set(names())).to.deep.equal(new Set(['first']));
      const inTurn = correlation.run(scope, async () => {
        await turnEnd.promise;
        const answer = await mcp?.call('first', 'echo', { text: 'still here' }, new AbortController().signal);
        return [new Set(names()), answer?.isError === true];
      });
      servers('second');
      await looks();
      expect(new Set(names())).to.deep.equal(new Set(['second']));
      expect(live.config.secrets).to.include.members(['secret-of-first', 'secret-of-second']);
      turnEnd.resolve();
      expect(await inTurn).to.deep.equal([new Set(['first']), false]);
      rmSync(path('.mcp.json'));
      await looks();
      expect(names()).to.deep.equal([]);
    } finally {
      await lifecycle.stop();
    }
  });
});

const ACME = { description: 'x', workspace_type: 'acme', working_directory: '.', telegram_chat_ids: ['-1001'], is_dev_group: false };
