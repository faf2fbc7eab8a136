import { expect } from 'chai';
import { type Config, type ConfigProblem, loadConfig, type PathKind } from '../../src/config/index.ts';
import type { Result } from '../../src/domain/shared/result.ts';

const FILE = 'config/workspace_config.json';
const load = (
  file: unknown,
  env: Record<string, string> = {},
  kindOf: (path: string) => PathKind = () => 'directory',
): Result<Config, ConfigProblem[]> =>
  loadConfig({ env, cwd: '/cwd', readFile: () => (typeof file === 'string' ? file : JSON.stringify(file)), kindOf });
const workspace = (more: object = {}): object => ({
  description: 'd',
  workspace_type: 't',
  working_directory: '.',
  telegram_chat_ids: [],
  ...more,
});
const problemsOf = (result: Result<Config, ConfigProblem[]>): readonly ConfigProblem[] =>
  result.ok ? result.value.warnings : result.error;
const only = (result: Result<Config, ConfigProblem[]>): ConfigProblem => {
  const problems = problemsOf(result);
  expect(problems, JSON.stringify(problems)).to.have.length(1);
  return problems[0] as ConfigProblem;
};
const policyOf = (result: Result<Config, ConfigProblem[]>): Config['policy'] => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.policy;
};

describe('workspace_config.json', () => {
  it('becomes a policy, with ids as text or number and relative directories from the working directory', () => {
    const policy = policyOf(
      load({
        workspaces: {
          'Acme Dev': workspace({
            working_directory: 'acme',
            telegram_chat_ids: ['-4000000001', -1004000000002],
            aliases: ['acme dev', 'AC'],
            is_dev_group: true,
            database_id: 'db',
          }),
        },
        telegram_groups: { '-4000000001': 'Acme Dev', '-1004000000002': 'Acme Dev' },
        dm_whitelist: {
          default_working_directory: '/srv',
          allowed_users: { '@Ann_B': { username: 'ann_b', description: 'Ann', working_directory: 'ann' } },
          allowed_user_ids: { '5000000003': { description: 'Ben' } },
        },
      }),
    );
    expect(policy.workspaces).to.deep.equal([
      {
        name: 'Acme Dev',
        aliases: ['acme dev', 'AC'],
        description: 'd',
        type: 't',
        directory: '/cwd/acme',
        notionDatabaseId: 'db',
        chatIds: ['telegram:-4000000001', 'telegram:-1004000000002'],
        isDevGroup: true,
      },
    ]);
    expect(policy.whitelist.defaultDirectory).to.equal('/srv');
    expect([...policy.whitelist.usernames]).to.deep.equal([
      ['telegram:ann_b', { description: 'Ann', directory: '/cwd/ann', path: 'dm_whitelist.allowed_users.@Ann_B' }],
    ]);
    expect([...policy.whitelist.userIds]).to.deep.equal([
      ['telegram:5000000003', { description: 'Ben', path: 'dm_whitelist.allowed_user_ids.5000000003' }],
    ]);
  });

  it('names both places of a chat that is in two workspaces', () => {
    const found = only(
      load({ workspaces: { A: workspace({ telegram_chat_ids: ['-1'] }), B: workspace({ telegram_chat_ids: ['-2', -1] }) } }),
    );
    expect(found).to.include({ place: `${FILE}: workspaces.B.telegram_chat_ids[1]`, severity: 'error' });
    expect(found.problem).to.include('workspaces.A.telegram_chat_ids[0]');
  });

  describe('telegram_groups and telegram_chat_ids must agree', () => {
    const A = workspace({ telegram_chat_ids: ['-1'] });
    const cases: [title: string, file: object, place: string, alsoNamed: string][] = [
      [
        'another workspace',
        { workspaces: { A, B: workspace() }, telegram_groups: { '-1': 'B' } },
        'telegram_groups.-1',
        'workspaces.A.telegram_chat_ids[0]',
      ],
      [
        'a chat that its workspace does not list',
        { workspaces: { A }, telegram_groups: { '-1': 'A', '-2': 'A' } },
        'telegram_groups.-2',
        'workspaces.A.telegram_chat_ids',
      ],
      ['a chat that it misses', { workspaces: { A }, telegram_groups: {} }, 'workspaces.A.telegram_chat_ids[0]', 'telegram_groups'],
      [
        'an unknown workspace',
        { workspaces: { A }, telegram_groups: { '-1': 'Aa' } },
        'telegram_groups.-1',
        'workspaces.A.telegram_chat_ids[0]',
      ],
      ['one chat twice', { workspaces: { A }, telegram_groups: { '-1': 'A', ' -1': 'A' } }, 'telegram_groups. -1', 'telegram_groups.-1'],
    ];
    for (const [title, file, place, alsoNamed] of cases)
      it(`refuses ${title}, naming both places`, () => {
        const found = only(load(file));
        expect(found).to.include({ place: `${FILE}: ${place}`, severity: 'error' });
        expect(found.problem).to.include(alsoNamed);
      });

    it('accepts a file without telegram_groups', () => {
      expect(policyOf(load({ workspaces: { A } })).workspaces).to.have.length(1);
    });
  });

  it('refuses a name or alias that two workspaces share, case aside', () => {
    const found = only(load({ workspaces: { Acme: workspace(), B: workspace({ aliases: ['x', 'ACME'] }) } }));
    expect(found.place).to.equal(`${FILE}: workspaces.B.aliases[1]`);
    expect(found.problem).to.include('workspaces.Acme');
    expect(load({ workspaces: { Acme: workspace({ aliases: ['acme', 'Acme'] }) } }).ok, 'its own name may be an alias').to.equal(true);
  });

  it('takes the ids of chats and people with the gateway’s name before them, as every output shows them', () => {
    const loaded = load({
      workspaces: { A: workspace({ telegram_chat_ids: ['telegram:-1001'] }) },
      telegram_groups: { '-1001': 'A' },
      dm_whitelist: { allowed_users: {}, allowed_user_ids: { 'telegram:501': {} } },
    });
    expect(problemsOf(loaded)).to.deep.equal([]);
    const { workspaces, whitelist } = policyOf(loaded);
    expect(workspaces[0]?.chatIds).to.deep.equal(['telegram:-1001']);
    expect([...whitelist.userIds.keys()]).to.deep.equal(['telegram:501']);
  });

  it('takes ids of every gateway, and keeps equal ones of two gateways apart', () => {
    const loaded = load({
      workspaces: {
        A: workspace({ telegram_chat_ids: ['-1001'] }),
        B: workspace({ telegram_chat_ids: ['slack:C012AB3CD', 'other:-1001'] }),
      },
      telegram_groups: { 'telegram:-1001': 'A', 'slack:C012AB3CD': 'B', 'other:-1001': 'B' },
      dm_whitelist: {
        allowed_users: { ann: {}, 'slack:Ann.B': { username: '@ann.b' } },
        allowed_user_ids: { 501: {}, 'slack:U501': {}, 'other:501': {} },
      },
    });
    expect(problemsOf(loaded)).to.deep.equal([]);
    const { workspaces, whitelist } = policyOf(loaded);
    expect(workspaces.map(({ chatIds }) => chatIds)).to.deep.equal([['telegram:-1001'], ['slack:C012AB3CD', 'other:-1001']]);
    expect([...whitelist.userIds.keys()]).to.deep.equal(['telegram:501', 'slack:U501', 'other:501']);
    expect([...whitelist.usernames.keys()]).to.deep.equal(['telegram:ann', 'slack:ann.b']);
  });

  it('names both places of a chat that stands bare and with its gateway', () => {
    const written = { workspaces: { A: workspace({ telegram_chat_ids: ['-1', 'telegram:-1'] }) } };
    expect(only(load(written)).problem).to.include('workspaces.A.telegram_chat_ids[0]');
    const groups = { workspaces: { A: workspace({ telegram_chat_ids: ['-1'] }) }, telegram_groups: { '-1': 'A', 'telegram:-1': 'A' } };
    expect(only(load(groups)).problem).to.include('telegram_groups.-1');
  });

  it('refuses a topic and a local chat in the place of a group', () => {
    const refusalOf = (id: string) => only(load({ workspaces: { A: workspace({ telegram_chat_ids: [id] }) } }));
    expect(refusalOf('telegram:-1001:5')).to.include({ problem: 'this is a topic, not a group' });
    expect(refusalOf('telegram:-1001:5').hint).to.include('"-1001"');
    expect(refusalOf('local:1').problem).to.include('local chat');
  });

  it('refuses ids that are not of groups, and says what to write', () => {
    expect(only(load({ workspaces: { A: workspace({ telegram_chat_ids: ['1002600253717'] }) } })).hint).to.include('"-1002600253717"');
    for (const id of ['@acme', '', '-0', '0', '-1.5', 1e21, '-99999999999999999'])
      expect(only(load({ workspaces: { A: workspace({ telegram_chat_ids: [id] }) } })).place, String(id)).to.equal(
        `${FILE}: workspaces.A.telegram_chat_ids[0]`,
      );
    expect(only(load({ workspaces: { A: workspace({ telegram_chat_ids: [null] }) } })).problem).to.include('text or a whole number');
  });

  it('hints at the nearest key for an unknown one, at every level', () => {
    expect(only(load({ workspace: {} })).hint).to.include('"workspaces"');
    expect(only(load({ workspaces: { A: workspace({ is_devgroup: true }) } }))).to.include({
      place: `${FILE}: workspaces.A.is_devgroup`,
      hint: 'did you mean "is_dev_group"?',
    });
    expect(only(load({ dm_whitelist: { allowed_user: {} } })).hint).to.include('"allowed_users"');
    expect(only(load({ dm_whitelist: { allowed_users: { annie: { user_name: 'annie' } } } })).hint).to.include('"username"');
    expect(only(load({ dm_whitelist: { allowed_user_ids: { 7: { directory: '/' } } } })).hint).to.include('working_directory');
  });

  it('refuses wrong types in words', () => {
    expect(only(load({ workspaces: { A: workspace({ is_dev_group: 'true' }) } })).hint).to.include('without quotes');
    expect(only(load({ workspaces: { A: workspace({ working_directory: ' ' }) } })).problem).to.include('must not be empty');
    expect(only(load({ workspaces: [] })).problem).to.include('an object');
    expect(only(load('[]')).place).to.equal(FILE);
    expect(only(load({ workspaces: { A: workspace({ description: undefined }) } })).problem).to.include('missing');
  });

  it('refuses impossible user names and ids, and people who are listed twice', () => {
    const people = (allowed_users: object, allowed_user_ids: object = {}): ConfigProblem =>
      only(load({ dm_whitelist: { allowed_users, allowed_user_ids } }));
    expect(people({ Annie: {}, '@annie': {} }).problem).to.include('dm_whitelist.allowed_users.Annie');
    expect(people({ annie: { username: 'benny' } }).problem).to.include('dm_whitelist.allowed_users.annie');
    expect(people({ 'not a name': {} }).place).to.include('not a name');
    for (const id of ['-5', '0', '05', 'annie', '1.5', '2000000000000'])
      expect(people({}, { [id]: {} }).place, id).to.include(`allowed_user_ids.${id}`);
  });

  it('warns of a directory that is not there, naming the place', () => {
    const result = load(
      { workspaces: { A: workspace({ working_directory: '~/a' }) }, dm_whitelist: { default_working_directory: '/file' } },
      {},
      (path) => (path === '/file' ? 'file' : 'missing'),
    );
    expect(result.ok).to.equal(true);
    expect(problemsOf(result).map(({ place }) => place)).to.deep.equal([
      `${FILE}: workspaces.A.working_directory`,
      `${FILE}: dm_whitelist.default_working_directory`,
    ]);
    expect(problemsOf(result)[0]?.hint).to.include('~');
  });

  it('holds TELEGRAM_ALLOWED_GROUPS against the names, case aside', () => {
    const result = load({ workspaces: { 'Acme Dev': workspace() } }, { TELEGRAM_ALLOWED_GROUPS: 'acme dev, Acme Deb' });
    expect(only(result)).to.include({ place: 'TELEGRAM_ALLOWED_GROUPS', severity: 'warning', hint: 'did you mean "Acme Dev"?' });
    expect([...(policyOf(result).allowedGroups ?? [])]).to.deep.equal(['acme dev', 'acme deb']);
  });

  it('may be missing by default, but not where KEPT_CONFIG names it', () => {
    const sources = { cwd: '/cwd', readFile: () => undefined, kindOf: () => 'directory' as const };
    expect(loadConfig({ ...sources, env: {} }).ok).to.equal(true);
    expect(only(loadConfig({ ...sources, env: { KEPT_CONFIG: 'my.json' } }))).to.include({
      place: 'KEPT_CONFIG',
      problem: 'there is no file /cwd/my.json',
    });
  });

  it('tells why a file that is there could not be read', () => {
    const readFile = (): string => {
      throw Object.assign(new Error('EACCES: /cwd/secret place'), { code: 'EACCES' });
    };
    expect(only(loadConfig({ env: {}, cwd: '/cwd', readFile, kindOf: () => 'directory' })).problem).to.equal("can't be read (EACCES)");
  });

  it('places a syntax error by line and column, and knows keys that stand twice', () => {
    expect(only(load('{\n  "workspaces": {},\n}')).place).to.equal(`${FILE}: line 3, column 1`);
    const twice = only(load('{"dm_whitelist": {\n "description": "1",\n "description": "2"}}'));
    expect(twice.place).to.equal(`${FILE}: line 3, column 2`);
    expect(twice.problem).to.equal('the key "description" stands twice in one object, first in line 2');
  });

  describe('tells every problem at once', () => {
    const places = (file: unknown, env: Record<string, string> = {}, kindOf?: (path: string) => PathKind): string[] =>
      problemsOf(load(file, env, kindOf)).map(({ place }) => place.replace(`${FILE}: `, ''));
    const contradictory = {
      A: workspace({ telegram_chat_ids: ['-1'], aliases: ['same'] }),
      B: workspace({ telegram_chat_ids: ['-1', '5'], aliases: ['Same'], working_directory: 'gone' }),
    };
    const semantic = [
      'workspaces.B.telegram_chat_ids[0]',
      'workspaces.B.telegram_chat_ids[1]',
      'workspaces.B.aliases[0]',
      'workspaces.B.working_directory',
    ];
    const kindOf = (path: string): PathKind => (path.endsWith('gone') ? 'missing' : 'directory');

    it('beside keys that are unknown, missing or of the wrong type', () => {
      const { description: _, ...undescribed } = workspace() as { description: string };
      expect(
        places(
          {
            workspaces: {
              ...contradictory,
              C: 5,
              D: undescribed,
              E: workspace({ is_dev_grup: true, is_dev_group: 'yes' }),
              F: workspace({ telegram_chat_ids: [null, '-1'], aliases: [7, 'SAME'] }),
            },
            telegram_groups: { '-1': 'A', '-9': 'Aa' },
            dm_whitelist: { allowed_users: { '!': 5, ann: { user_name: 'x', username: 'ben', working_directory: 'gone' } }, allowed: {} },
            unknown: 1,
          },
          {},
          kindOf,
        ),
      ).to.have.members([
        ...semantic,
        'workspaces.C',
        'workspaces.D.description',
        'workspaces.E.is_dev_grup',
        'workspaces.E.is_dev_group',
        'workspaces.F.telegram_chat_ids[0]',
        'workspaces.F.telegram_chat_ids[1]',
        'workspaces.F.aliases[0]',
        'workspaces.F.aliases[1]',
        'telegram_groups.-9',
        'dm_whitelist.allowed_users.!',
        'dm_whitelist.allowed_users.!',
        'dm_whitelist.allowed_users.ann.user_name',
        'dm_whitelist.allowed_users.ann.username',
        'dm_whitelist.allowed_users.ann.working_directory',
        'dm_whitelist.allowed',
        'unknown',
      ]);
    });

    it('beside a key that stands twice', () => {
      const text = JSON.stringify({ workspaces: contradictory }).replace('"A":', '"__proto__":{},"A":1,"A":');
      const twice = places(text, {}, kindOf);
      expect(twice.filter((place) => place.startsWith('line 1'))).to.have.length(2);
      expect(twice).to.include.members(semantic);
    });

    it('and beside wrong variables, TELEGRAM_ALLOWED_GROUPS among them, however wrong the file is', () => {
      const env = { PORT: 'x', HOST: '0.0.0.0', KEPT_MODELS: 'openai', TELEGRAM_ALLOWED_GROUPS: 'Z' };
      const variables = ['PORT', 'KEPT_API_TOKEN', 'KEPT_MODELS'];
      expect(places({ workspaces: { A: {} }, x: 1 }, env)).to.include.members([...variables, 'TELEGRAM_ALLOWED_GROUPS', 'x']);
      expect(places('{', env), 'nothing is known of its names').to.have.members([...variables, 'line 1, column 2']);
      expect(places({ workspaces: [] }, env)).to.have.members([...variables, 'workspaces']);
    });

    it('but none that follows from what could not be read', () => {
      expect(places({ workspaces: { A: workspace({ telegram_chat_ids: '-1' }) }, telegram_groups: { '-1': 'A' } })).to.deep.equal([
        'workspaces.A.telegram_chat_ids',
      ]);
      expect(places({ workspaces: { A: workspace({ telegram_chat_ids: ['-1'] }) }, telegram_groups: { '-1': 7 } })).to.deep.equal([
        'telegram_groups.-1',
      ]);
      expect(places({ workspaces: 7, telegram_groups: { '-1': 'A' } })).to.deep.equal(['workspaces']);
      expect(places({ workspaces: { A: workspace({ telegram_chat_ids: ['-1'] }) }, telegram_groups: [] })).to.deep.equal([
        'telegram_groups',
      ]);
    });
  });
});
