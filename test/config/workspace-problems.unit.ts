import { expect } from 'chai';
import type { PathKind } from '../../src/config/index.ts';
import { FILE, loadFile, problemsOf, workspace } from './workspace-file.ts';

describe('The problems of the file of workspaces', () => {
  it('are those of values that fit nothing: a database, a tool, a pattern of tools', () => {
    const problemsWith = (own: object) =>
      problemsOf(loadFile({ workspaces: { A: workspace(own) } })).map(({ severity, place, problem, hint }) => [
        severity,
        place.replace(`${FILE}: `, ''),
        problem,
        hint,
      ]);
    const hex = '0123456789abcdef0123456789abcdef';
    for (const id of [hex, '11111111-1111-4111-8111-111111111111', `https://www.notion.so/acme/Tasks-${hex}?v=1`, '****'])
      expect(problemsWith({ database_id: id }), id).to.deep.equal([]);
    for (const id of ['xyz', hex.slice(1), `${hex}0`, 'https://www.notion.so/acme'])
      expect(problemsWith({ database_id: id }), id).to.deep.equal([
        [
          'warning',
          'workspaces.A.database_id',
          `${JSON.stringify(id)} is no id of a Notion database`,
          'write its 32 hexadecimal digits, with or without dashes, or its address',
        ],
      ]);
    expect(problemsWith({ tools: ['read_file', 'read_*', '*', 'mcp__*'] })).to.deep.equal([]);
    expect(problemsWith({ tools: ['search_files', 'reed_file'] })).to.deep.equal([
      ['warning', 'workspaces.A.tools[1]', 'there is no tool "reed_file"', 'did you mean "read_file"?'],
    ]);
    const ofServers = problemsWith({ tools: ['mcp__fils__read'], mcp_safe_tools: ['mcp_files_*', 'mcp__files', 'mcp__fil*'] });
    expect(ofServers.map(([severity, place, problem]) => `${severity}: ${place}: ${problem}`)).to.deep.equal([
      'warning: workspaces.A.tools[0]: no MCP server is called "fils"',
      'warning: workspaces.A.mcp_safe_tools[0]: "mcp_files_*" fits no tool of an MCP server',
      'warning: workspaces.A.mcp_safe_tools[1]: "mcp__files" fits no tool of an MCP server',
      'warning: workspaces.A.mcp_safe_tools[2]: "mcp__fil*" fits no tool of an MCP server',
    ]);
  });

  describe('All problems at once', () => {
    const places = (file: unknown, env: Record<string, string> = {}, kindOf?: (path: string) => PathKind): string[] =>
      problemsOf(loadFile(file, env, kindOf)).map(({ place }) => place.replace(`${FILE}: `, ''));
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

    it('reports contradictions beside keys that are unknown, missing or of the wrong type', () => {
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

    it('reports contradictions beside a key that stands twice', () => {
      const text = JSON.stringify({ workspaces: contradictory }).replace('"A":', '"__proto__":{},"A":1,"A":');
      const twice = places(text, {}, kindOf);
      expect(twice.filter((place) => place.startsWith('line 1'))).to.have.length(2);
      expect(twice).to.include.members(semantic);
    });

    it('reports wrong variables, TELEGRAM_ALLOWED_GROUPS among them, however wrong the file is', () => {
      const env = { PORT: 'x', HOST: '0.0.0.0', KEPT_MODELS: 'openai', TELEGRAM_ALLOWED_GROUPS: 'Z' };
      const variables = ['PORT', 'KEPT_API_TOKEN', 'KEPT_MODELS'];
      expect(places({ workspaces: { A: {} }, x: 1 }, env)).to.include.members([...variables, 'TELEGRAM_ALLOWED_GROUPS', 'x']);
      expect(places('{', env), 'nothing is known of its names').to.have.members([...variables, 'line 1, column 2']);
      expect(places({ workspaces: [] }, env)).to.have.members([...variables, 'workspaces']);
    });

    it("reports no problem that only follows from a part that can't be read", () => {
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
