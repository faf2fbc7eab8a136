import { expect } from 'chai';
import { type ConfigProblem, loadConfig } from '../../src/config/index.ts';
import { FILE, loadFile, onlyProblem, policyOf, problemsOf, workspace } from './workspace-file.ts';

describe('The file of workspaces', () => {
  it('reads a policy, with ids as text or number and directories relative to the working directory', () => {
    const policy = policyOf(
      loadFile({
        workspaces: {
          'Acme Dev': workspace({
            working_directory: 'acme',
            telegram_chat_ids: ['-4000000001', -1004000000002],
            aliases: ['acme dev', 'AC'],
            is_dev_group: true,
            database_id: '0123456789abcdef0123456789abcdef',
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
        notionDatabaseId: '0123456789abcdef0123456789abcdef',
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
    const found = onlyProblem(
      loadFile({ workspaces: { A: workspace({ telegram_chat_ids: ['-1'] }), B: workspace({ telegram_chat_ids: ['-2', -1] }) } }),
    );
    expect(found).to.include({ place: `${FILE}: workspaces.B.telegram_chat_ids[1]`, severity: 'error' });
    expect(found.problem).to.include('workspaces.A.telegram_chat_ids[0]');
  });

  describe('Groups and chats that must agree', () => {
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
      it(`refuses ${title}, and names both places`, () => {
        const found = onlyProblem(loadFile(file));
        expect(found).to.include({ place: `${FILE}: ${place}`, severity: 'error' });
        expect(found.problem).to.include(alsoNamed);
      });

    it('accepts a file without telegram_groups', () => {
      expect(policyOf(loadFile({ workspaces: { A } })).workspaces).to.have.length(1);
    });
  });

  it('refuses a name or alias that two workspaces share, ignoring case', () => {
    const found = onlyProblem(loadFile({ workspaces: { Acme: workspace(), B: workspace({ aliases: ['x', 'ACME'] }) } }));
    expect(found.place).to.equal(`${FILE}: workspaces.B.aliases[1]`);
    expect(found.problem).to.include('workspaces.Acme');
    expect(loadFile({ workspaces: { Acme: workspace({ aliases: ['acme', 'Acme'] }) } }).ok, 'its own name may be an alias').to.equal(true);
  });

  it('takes the ids of chats and people with the gateway’s name before them, as every output shows them', () => {
    const loaded = loadFile({
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
    const loaded = loadFile({
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
    expect(onlyProblem(loadFile(written)).problem).to.include('workspaces.A.telegram_chat_ids[0]');
    const groups = { workspaces: { A: workspace({ telegram_chat_ids: ['-1'] }) }, telegram_groups: { '-1': 'A', 'telegram:-1': 'A' } };
    expect(onlyProblem(loadFile(groups)).problem).to.include('telegram_groups.-1');
  });

  it('refuses a topic and a local chat in the place of a group', () => {
    const refusalOf = (id: string) => onlyProblem(loadFile({ workspaces: { A: workspace({ telegram_chat_ids: [id] }) } }));
    expect(refusalOf('telegram:-1001:5')).to.include({ problem: 'this is a topic, not a group' });
    expect(refusalOf('telegram:-1001:5').hint).to.include('"-1001"');
    expect(refusalOf('local:1').problem).to.include('local chat');
  });

  it('says for a gateway whose names have colons how they are written', () => {
    const { hint } = onlyProblem(loadFile({ workspaces: { A: workspace({ telegram_chat_ids: ['matrix:!room:example.org'] }) } }));
    expect(hint).to.include('"matrix:!room"').and.include('%3A');
    const person = onlyProblem(loadFile({ dm_whitelist: { allowed_user_ids: { 'matrix:@ann:example.org': {} } } }));
    expect(person.hint).to.include('%3A');
    expect(person.problem).not.to.include('Telegram');
    const whitelist = { allowed_user_ids: { 'matrix:@ann%3Aexample.org': {} } };
    expect([...policyOf(loadFile({ dm_whitelist: whitelist })).whitelist.userIds.keys()]).to.deep.equal(['matrix:@ann%3Aexample.org']);
  });

  it('refuses ids that are not of groups, and says what to write', () => {
    expect(onlyProblem(loadFile({ workspaces: { A: workspace({ telegram_chat_ids: ['1002600253717'] }) } })).hint).to.include(
      '"-1002600253717"',
    );
    for (const id of ['@acme', '', '-0', '0', '-1.5', 1e21, '-99999999999999999'])
      expect(onlyProblem(loadFile({ workspaces: { A: workspace({ telegram_chat_ids: [id] }) } })).place, String(id)).to.equal(
        `${FILE}: workspaces.A.telegram_chat_ids[0]`,
      );
    expect(onlyProblem(loadFile({ workspaces: { A: workspace({ telegram_chat_ids: [null] }) } })).problem).to.include(
      'text or a whole number',
    );
  });

  it('hints at the nearest key for an unknown one, at every level', () => {
    expect(onlyProblem(loadFile({ workspace: {} })).hint).to.include('"workspaces"');
    expect(onlyProblem(loadFile({ workspaces: { A: workspace({ is_devgroup: true }) } }))).to.include({
      place: `${FILE}: workspaces.A.is_devgroup`,
      hint: 'did you mean "is_dev_group"?',
    });
    expect(onlyProblem(loadFile({ dm_whitelist: { allowed_user: {} } })).hint).to.include('"allowed_users"');
    expect(onlyProblem(loadFile({ dm_whitelist: { allowed_users: { annie: { user_name: 'annie' } } } })).hint).to.include('"username"');
    expect(onlyProblem(loadFile({ dm_whitelist: { allowed_user_ids: { 7: { directory: '/' } } } })).hint).to.include('working_directory');
  });

  it('says in words which type is wrong', () => {
    expect(onlyProblem(loadFile({ workspaces: { A: workspace({ is_dev_group: 'true' }) } })).hint).to.include('without quotes');
    expect(onlyProblem(loadFile({ workspaces: { A: workspace({ working_directory: ' ' }) } })).problem).to.include('must not be empty');
    expect(onlyProblem(loadFile({ workspaces: [] })).problem).to.include('an object');
    expect(onlyProblem(loadFile('[]')).place).to.equal(FILE);
    expect(onlyProblem(loadFile({ workspaces: { A: workspace({ description: undefined }) } })).problem).to.include('missing');
  });

  it('refuses impossible user names and ids, and people who are listed twice', () => {
    const people = (allowed_users: object, allowed_user_ids: object = {}): ConfigProblem =>
      onlyProblem(loadFile({ dm_whitelist: { allowed_users, allowed_user_ids } }));
    expect(people({ Annie: {}, '@annie': {} }).problem).to.include('dm_whitelist.allowed_users.Annie');
    expect(people({ annie: { username: 'benny' } }).problem).to.include('dm_whitelist.allowed_users.annie');
    expect(people({ 'not a name': {} }).place).to.include('not a name');
    for (const id of ['-5', '0', '05', 'annie', '1.5', '2000000000000'])
      expect(people({}, { [id]: {} }).place, id).to.include(`allowed_user_ids.${id}`);
  });

  it('warns about a missing directory, and names the place', () => {
    const result = loadFile(
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

  it('compares TELEGRAM_ALLOWED_GROUPS with the names of workspaces, ignoring case', () => {
    const result = loadFile({ workspaces: { 'Acme Dev': workspace() } }, { TELEGRAM_ALLOWED_GROUPS: 'acme dev, Acme Deb' });
    expect(onlyProblem(result)).to.include({ place: 'TELEGRAM_ALLOWED_GROUPS', severity: 'warning', hint: 'did you mean "Acme Dev"?' });
    expect([...(policyOf(result).allowedGroups ?? [])]).to.deep.equal(['acme dev', 'acme deb']);
  });

  it('allows a missing file by default, but not one that KEPT_CONFIG names', () => {
    const sources = { cwd: '/cwd', readFile: () => undefined, kindOf: () => 'directory' as const };
    expect(loadConfig({ ...sources, env: {} }).ok).to.equal(true);
    expect(onlyProblem(loadConfig({ ...sources, env: { KEPT_CONFIG: 'my.json' } }))).to.include({
      place: 'KEPT_CONFIG',
      problem: 'there is no file /cwd/my.json',
    });
  });

  it("says why an existing file can't be read", () => {
    const readFile = (path: string): string | undefined => {
      if (!path.endsWith('workspace_config.json')) return undefined;
      throw Object.assign(new Error('EACCES: /cwd/secret place'), { code: 'EACCES' });
    };
    expect(onlyProblem(loadConfig({ env: {}, cwd: '/cwd', readFile, kindOf: () => 'directory' })).problem).to.equal(
      "can't be read: the user that Kept runs as may not (EACCES)",
    );
  });

  it('reports a syntax error by line and column, and a key that stands twice', () => {
    expect(onlyProblem(loadFile('{\n  "workspaces": {},\n}')).place).to.equal(`${FILE}: line 3, column 1`);
    const twice = onlyProblem(loadFile('{"dm_whitelist": {\n "description": "1",\n "description": "2"}}'));
    expect(twice.place).to.equal(`${FILE}: line 3, column 2`);
    expect(twice.problem).to.equal('the key "description" stands twice in one object, first in line 2');
  });
});
