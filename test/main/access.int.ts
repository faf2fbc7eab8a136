/** Long because what is listed and what is simulated share one file of workspaces. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { chatId, type LedgerEntry, moneyOf, NO_USAGE, userId } from '../../src/domain/index.ts';
import { chatInWords, listChat, listPerson, personInWords } from '../../src/main/commands/access-list.ts';
import { simulate, simulationInWords } from '../../src/main/commands/access-simulation.ts';
import { chatNamed, personNamed, subjectNamed } from '../../src/main/commands/access-subject.ts';
import { valueIn } from '../../src/main/commands/outcome.ts';
import { CELLS, DEEDS, expectedOf, PERSONS, placeOf, policy } from '../domain/rights/rights-table.ts';
import { runKept } from '../support/run-kept.ts';
import { configOf } from '../support/site-config.ts';
import { openStorage } from '../support/sqlite-storage.ts';

/** The rights that are listed, by the deeds of the table. */
const LISTED = {
  ask: 'ask',
  agent: 'use-agent',
  reading: 'use-tool',
  acting: 'use-acting-tool',
  coding: 'start-coding',
  'cancel-own': 'cancel-own',
  'cancel-others': 'cancel-others',
  'retry-own': 'retry-own',
  'retry-others': 'retry-others',
  standing: 'approve-standing',
  spend: 'spend',
  usage: 'see-usage',
  anew: 'begin-anew',
} as const;

describe('kept access', () => {
  describe('lists what the table says', () => {
    const persons = CELLS.filter(({ name }) => PERSONS[name].kind === 'person');
    for (const { name, place } of persons)
      it(`of ${name} in ${place}`, () => {
        const { id } = PERSONS[name];
        const where = placeOf(place, PERSONS[name]);
        const chat = valueIn(chatNamed(policy, where.id));
        const listed = listPerson(policy, valueIn(personNamed(policy, id)), chat);
        const heard = expectedOf(name, place, 'ask');
        expect(listed.allowed).to.equal(heard.allowed);
        if (!heard.allowed) expect(listed).to.include({ rule: heard.rule, path: heard.path });
        for (const [deed, right] of Object.entries(LISTED)) expect(listed.rights[right], deed).to.deep.equal(expectedOf(name, place, deed));
        const approves = where.kind === 'direct' ? 'approve-own' : 'approve';
        expect(listed.rights.approve).to.deep.equal(expectedOf(name, place, approves));
      });

    it('and has a right for each deed of it', () => {
      const told = new Set<string>([...Object.keys(LISTED), 'approve', 'approve-own', 'deciding', 'memory']);
      expect(told).to.deep.equal(new Set(Object.keys(DEEDS)));
    });

    it('of everybody whom it names, by the chat', () => {
      const listed = listChat(policy, valueIn(chatNamed(policy, 'Orchard')));
      expect(listed).to.include({ allowed: true, rule: 'workspace-group', path: 'workspaces.Orchard.telegram_chat_ids' });
      expect(listed.rights.approve).to.deep.equal({ allowed: false, rule: 'no-role', path: 'workspaces.Orchard.roles' });
      expect(listed.people.map(({ id, name, role }) => [id, name, role])).to.deep.equal([
        ['telegram:502', undefined, 'owner'],
        ['telegram:503', 'Cleo', 'member'],
        ['telegram:501', 'Anna', 'owner'],
        ['telegram:505', 'Eve', 'guest'],
      ]);
      expect(listed.owners.map(({ id }) => id)).to.deep.equal(['telegram:502', 'telegram:501']);
      expect(chatInWords(listed)).to.include('approvals  by telegram:502, Anna, and the operator');
      expect(chatInWords(listed))
        .to.include('telegram:-1001, a group of the workspace Orchard')
        .and.include('Anna telegram:501, owner (people.telegram:501.role)');
      expect(listChat(policy, valueIn(chatNamed(policy, 'Closed'))))
        .to.include({ allowed: false, rule: 'group-not-allowed' })
        .and.deep.include({ people: [] });
    });
  });

  it('tells of a person everywhere, in words', () => {
    const text = personInWords(listPerson(policy, valueIn(personNamed(policy, 'eve'))));
    expect(text.split('\n').slice(0, 7)).to.deep.equal([
      'Eve telegram:505',
      '',
      'In their own conversation (telegram:505): heard, by rule whitelisted-user-id (dm_whitelist.allowed_user_ids.505)',
      '  role       guest (people.telegram:505.role)',
      '  directory  /cwd',
      '  may        ask, use agents, use tools, cancel own promises, retry own promises, spend, begin conversations anew',
      "  may not    use acting tools, have code changed, cancel others' promises, retry others' promises, approve, give standing approvals, see usage (guest, people.telegram:505.role)",
    ]);
    expect(text)
      .to.include('In Quarry (telegram:-1003): heard')
      .and.include('In Closed (telegram:-1004): not heard, by rule group-not-allowed (TELEGRAM_ALLOWED_GROUPS)');
  });

  it('finds whoever is named, in any of the forms that people write', () => {
    const found = (raw: string): string => {
      const subject = subjectNamed(policy, raw);
      if (!subject.ok) return subject.error.message;
      return subject.value.type === 'person' ? `person ${subject.value.sender.id}` : `chat ${subject.value.chat?.id}`;
    };
    for (const [raw, told] of [
      ['telegram:501', 'person telegram:501'],
      [' 501 ', 'person telegram:501'],
      ['ANNA', 'person telegram:501'],
      ['operator', 'person local:operator'],
      ['telegram:-1001', 'chat telegram:-1001'],
      ['-1001', 'chat telegram:-1001'],
      ['telegram:-1001:7', 'chat telegram:-1001:7'],
      ['local:1', 'chat local:1'],
      ['local:operator', 'person local:operator'],
      ['telegram:501:7', 'chat telegram:501:7'],
      ['orchard', 'chat telegram:-1001'],
      ['slack:U1', 'person slack:U1'],
      ['Ann', 'no person or chat is called "Ann": did you mean "Anna"?'],
      ['@anna', 'no person or chat is called "@anna": did you mean "Anna"?'],
      ['Orchid', 'no person or chat is called "Orchid": did you mean "Orchard"?'],
      [
        'Zacharias',
        'no person or chat is called "Zacharias": write telegram:<id>, @username or a name from "people"; a workspace, or a chat as telegram:-<id>',
      ],
    ] as const)
      expect(found(raw), raw).to.equal(told);
    const both = {
      ...policy,
      people: new Map([
        [userId('telegram:1'), { name: 'Mill', path: 'p' }],
        [userId('telegram:2'), { name: 'Jo', path: 'q' }],
        [userId('telegram:3'), { name: 'jo', path: 'r' }],
      ]),
    };
    const refused = (raw: string) => {
      const subject = subjectNamed(both, raw);
      return subject.ok ? undefined : subject.error.message;
    };
    expect(refused('Mill')).to.equal('"Mill" is the name of a person and of a workspace: name the id of the one that is meant');
    expect(refused('Jo')).to.equal('Jo is the name of telegram:2 and telegram:3: name the id');
    const bare = chatNamed(policy, '501');
    expect(bare.ok ? undefined : bare.error.message).to.equal('501 may be local:501 or telegram:501: write which');
  });
});

describe('kept access --as', function () {
  this.timeout(20_000);
  const directory = mkdtempSync(join(tmpdir(), 'kept-access-'));
  after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'workspaces.json');
  const workspace = (more: object) => ({ description: 'd', workspace_type: 't', working_directory: directory, ...more });
  writeFileSync(
    file,
    JSON.stringify({
      people: { 501: { name: 'Anna', role: 'owner' }, 505: { name: 'Eve', role: 'guest', budget: { daily_usd: 0.5 } } },
      workspaces: {
        Orchard: workspace({
          telegram_chat_ids: ['-1001'],
          approve: ['search_*'],
          budget: { daily_usd: 5, monthly_usd: 100 },
          agent: 'notion_scout',
        }),
        Mill: workspace({
          telegram_chat_ids: ['-1002'],
          is_dev_group: true,
          approve: ['search_history', 'make_promise', 'remember'],
          mcp_safe_tools: ['mcp__tracker__read_*', 'mcp__other__*'],
        }),
      },
      dm_whitelist: { allowed_user_ids: { 501: {} } },
      budget: { monthly_usd: 1000 },
    }),
  );
  writeFileSync(
    join(directory, '.mcp.json'),
    JSON.stringify({ mcpServers: { tracker: { command: process.execPath, args: ['-e', 'process.exit(1)'] } } }),
  );
  const env = { KEPT_CONFIG: file, KEPT_MODELS: 'rehearsal', KEPT_DATA_DIR: join(directory, 'data') };
  const simulated = async (as: string, chat: string, text: string, isMention = false) => {
    const config = configOf(env, directory);
    const person = valueIn(personNamed(config.policy, as));
    const { chat: where } = valueIn(chatNamed(config.policy, chat));
    if (!where) throw new Error('no group');
    const told = await simulate(config, { person, chat: where, text, isMention });
    return { told, words: simulationInWords(told, person) };
  };

  it('tells what would become of a message: who answers, with which tools, models, budgets and directory', async () => {
    const { told, words } = await simulated('Anna', 'Mill', 'close the ticket');
    expect(told).to.deep.include({
      allowed: true,
      rule: 'workspace-group',
      path: 'workspaces.Mill.telegram_chat_ids',
      role: 'owner',
      response: { action: 'answer', rule: 'dev-group' },
      agent: 'telegram_chat_agent',
      models: ['rehearsal'],
      workspace: 'Mill',
      directory,
      budgets: [{ path: 'budget.monthly_usd', span: 'month', limitUsd: 1000 }],
    });
    const guarded = told.tools?.filter(({ needsApproval }) => needsApproval).map(({ name }) => name);
    expect(guarded).to.deep.equal(['make_promise', 'search_history', 'mcp__tracker__*']);
    expect(told.tools?.filter(({ refused }) => refused).map(({ name }) => name)).to.deep.equal(['remember']);
    expect(told.tools?.find(({ name }) => name === 'mcp__tracker__read_*')).to.include({ needsApproval: false });
    expect(words)
      .to.include('after an approval of each call: make_promise, search_history, mcp__tracker__* (but for those above)')
      .and.include('mcp__tracker__read_*')
      .and.include('Nothing was run, asked or stored.');
  });

  it('tells of a command in a group what the gateway makes of it: only a mention or a reply is answered', async () => {
    for (const text of ['/approve 4', '/stop', '/usage']) {
      const { told, words } = await simulated('Anna', 'Orchard', text);
      expect(told.response, text).to.deep.equal({ action: 'remember', rule: 'not-addressed' });
      expect(words).to.include('it neither mentions the agent nor replies to it (--mention simulates one that does)');
      expect((await simulated('Anna', 'Orchard', text, true)).told.command, text).to.equal(text.split(' ')[0]);
      expect((await simulated('Anna', 'Mill', text)).told.command, text).to.equal(text.split(' ')[0]);
    }
  });

  it('offers a guest no tool that acts, and counts each budget', async () => {
    const { told } = await simulated('Eve', 'Mill', 'close the ticket');
    const tools = told.tools?.map(({ name }) => name) ?? [];
    expect(tools).to.include.members(['make_promise', 'read_file']).and.not.include.members(['remember']);
    expect(tools.filter((name) => name.startsWith('mcp__') || name === 'remember' || name === 'delegate_coding_task')).to.deep.equal([]);
    const { told: silent } = await simulated('Eve', 'Orchard', 'hello');
    expect(silent.response).to.deep.equal({ action: 'remember', rule: 'not-addressed' });
    expect(silent.agent, 'nobody answers').to.equal(undefined);
    expect(silent.budgets?.map(({ path }) => path)).to.deep.equal([
      'people.505.budget.daily_usd',
      'workspaces.Orchard.budget.daily_usd',
      'workspaces.Orchard.budget.monthly_usd',
      'budget.monthly_usd',
    ]);
    const { told: answered } = await simulated('Eve', 'Orchard', 'hello', true);
    expect(answered).to.include({ agent: 'notion_scout' });
  });

  it('tells what is spent of each budget, where there is data, and changes nothing of it', async () => {
    mkdirSync(join(directory, 'data'), { mode: 0o700 });
    const path = join(directory, 'data', 'system.db');
    const storage = await openStorage(path);
    const entry = (id: string, given: Pick<LedgerEntry, 'chatId' | 'workspace' | 'person' | 'at' | 'cost'>): LedgerEntry => ({
      id,
      on: 'model',
      name: 'anthropic/claude-sonnet-5-5',
      agent: 'notion_scout',
      usage: NO_USAGE,
      ...given,
    });
    const [orchard, eve] = [{ chatId: chatId('telegram:-1001'), workspace: 'Orchard' }, userId('telegram:505')];
    await storage.stores.ledger.add([
      entry('a', { ...orchard, person: eve, at: Date.now(), cost: moneyOf(250_000) }),
      entry('b', { ...orchard, person: userId('telegram:1'), at: Date.now(), cost: moneyOf(1_000_000) }),
    ]);
    await storage.close();
    const { told, words } = await simulated('Eve', 'Orchard', 'hello', true);
    expect(told.budgets).to.deep.equal([
      { path: 'people.505.budget.daily_usd', span: 'day', limitUsd: 0.5, spentUsd: 0.25, reservedUsd: 0 },
      { path: 'workspaces.Orchard.budget.daily_usd', span: 'day', limitUsd: 5, spentUsd: 1.25, reservedUsd: 0 },
      { path: 'workspaces.Orchard.budget.monthly_usd', span: 'month', limitUsd: 100, spentUsd: 1.25, reservedUsd: 0 },
      { path: 'budget.monthly_usd', span: 'month', limitUsd: 1000, spentUsd: 1.25, reservedUsd: 0 },
    ]);
    expect(words).to.include('$0.50 a day, $0.25 spent (people.505.budget.daily_usd)');
    writeFileSync(path, 'no database');
    expect((await simulated('Eve', 'Orchard', 'hello')).told.budgets?.[0]).to.deep.equal({
      path: 'people.505.budget.daily_usd',
      span: 'day',
      limitUsd: 0.5,
    });
  });

  it('tells commands, and whoever is not heard', async () => {
    expect((await simulated('Anna', 'telegram:501', '/cancel 3')).told).to.include({ command: '/cancel', directory });
    const { told, words } = await simulated('Eve', 'telegram:505', 'hello');
    expect(told)
      .to.include({ allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' })
      .and.not.have.any.keys('response', 'agent', 'tools');
    expect(words).to.include('not heard, and not answered, by rule not-whitelisted (dm_whitelist)');
  });

  it('ends with 0 where somebody is heard, 1 where not or nobody is so called, 2 for wrong words, 78 without a configuration', async () => {
    const site = { root: directory, env: { ...process.env, ...env } };
    const codeOf = async (words: readonly string[], more: NodeJS.ProcessEnv = {}) => (await runKept(site, words, { env: more })).code;
    const json = await runKept(site, ['access', 'Anna', '--chat', 'Mill', '--json']);
    expect(json.code).to.equal(0);
    const [place] = JSON.parse(json.stdout).places;
    expect(place).to.include({ place: 'Mill', role: 'owner', agent: 'telegram_chat_agent', directory });
    expect(place.tools).to.deep.include.members([
      { name: 'read_file', effect: 'reads', needsApproval: false },
      { name: 'mcp__tracker__*', effect: 'acts', needsApproval: true },
    ]);
    expect(JSON.parse(json.stdout))
      .to.include({ allowed: true, rule: 'workspace-group' })
      .and.have.nested.property('rights.approve.path', 'people.501.role');
    expect(
      await Promise.all([
        codeOf(['access', '--as', 'Eve', 'hello']),
        codeOf(['access', 'nobody']),
        codeOf(['access', '--as', 'Eve']),
        codeOf(['access', 'Anna'], { KEPT_CONFIG: join(directory, 'none.json') }),
      ]),
    ).to.deep.equal([1, 1, 2, 78]);
    const wrong = await runKept(site, ['access', '--as', 'Eve']);
    expect(wrong.stderr, 'as it is called here')
      .to.match(/with --as, write the message: `.+ access --as <person> "text"`/)
      .and.not.include(': kept access');
  });

  it('tells rights where a model has no key, but not where rights themselves are wrong', async () => {
    const site = { root: directory, env: { ...process.env, ...env } };
    const told = async (more: object) => {
      const KEPT_CONFIG = join(directory, 'other.json');
      writeFileSync(
        KEPT_CONFIG,
        JSON.stringify({ people: { 501: { name: 'Anna', role: 'owner' } }, dm_whitelist: { allowed_user_ids: { 501: {} } }, ...more }),
      );
      return runKept(site, ['access', 'Anna'], { env: { KEPT_CONFIG } });
    };
    const budget = { daily_usd: 5, cheaper_model: 'anthropic/claude-haiku-5-5' };
    const keyless = await told({ budget });
    expect(keyless.code, keyless.stderr).to.equal(0);
    expect(keyless.stderr).to.include('the configuration has errors').and.include('budget.cheaper_model');
    expect((await told({ people: { 501: { name: 'Anna', role: 'onwer' } } })).code).to.equal(78);
    expect((await told({ budget: { ...budget, daily_usd: -1 } })).code).to.equal(78);
  });
});
