import { expect } from 'chai';
import { loadConfig, readMcpFile } from '../../src/config/index.ts';

const read = (mcpServers: unknown, env: Record<string, string> = {}) => readMcpFile('.mcp.json', JSON.stringify({ mcpServers }), env);
const variable = (name: string): string => `$\{${name}}`;
const problemsOf = (mcpServers: unknown, env?: Record<string, string>): readonly string[] =>
  read(mcpServers, env).problems.map(({ place, problem }) => `${place}: ${problem}`);

describe('The file of MCP servers', () => {
  it('names programs and addresses, in the form of other programs', () => {
    const { servers, problems } = read({
      notion: { command: 'npx', args: ['server'], env: { NOTION_TOKEN: 'ntn_1234567890' }, autoApprove: ['search'] },
      tracker: { type: 'http', url: 'https://tracker.example.org/mcp', headers: { Authorization: 'Bearer abcdefghij' } },
      off: { command: variable('NOT_SET'), disabled: true },
    });
    expect(problems).to.deep.equal([]);
    expect(servers).to.deep.equal([
      { kind: 'stdio', name: 'notion', command: 'npx', args: ['server'], env: { NOTION_TOKEN: 'ntn_1234567890' } },
      { kind: 'http', name: 'tracker', url: 'https://tracker.example.org/mcp', headers: { Authorization: 'Bearer abcdefghij' } },
    ]);
    expect(readMcpFile('.mcp.json', '{}', {}).servers).to.deep.equal([]);
  });

  it('names at most fifty servers', () => {
    const servers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n}`, { command: 'x' }]));
    expect(read(servers(50)).servers).to.have.length(50);
    expect(problemsOf(servers(51))).to.deep.equal(['.mcp.json: mcpServers: has 51 servers']);
    expect(read(servers(51)).servers).to.deep.equal([]);
  });

  it('takes values from the environment, and says which variable is missing', () => {
    const entry = { a: { command: 'x', args: [variable('ROOT:-/srv')], env: { TOKEN: `is ${variable('TOKEN')}` } } };
    const [server] = read(entry, { TOKEN: 'abcdefgh1234' }).servers;
    expect(server).to.deep.include({ args: ['/srv'], env: { TOKEN: 'is abcdefgh1234' } });
    expect(problemsOf(entry)).to.deep.equal(['.mcp.json: mcpServers.a.env.TOKEN: the variable TOKEN is not set']);
  });

  it('has all its problems reported at once, each with its place', () => {
    expect(
      problemsOf({
        'a b': { command: 'x' },
        a__b: { command: 'x' },
        both: { command: 'x', url: 'https://x.example.org' },
        none: { comand: 'x' },
        wrong: { command: 7, args: 'x', env: { A: 1 } },
        ftp: { url: 'ftp://x.example.org' },
        old: { type: 'sse', url: 'https://x.example.org' },
        header: { url: 'https://x.example.org', headers: { 'a b': 'x' } },
        home: { command: '~/bin/x' },
        Home: { command: 'x' },
      }),
    ).to.deep.equal([
      '.mcp.json: mcpServers.a b: this name of a server does not fit into names of tools',
      '.mcp.json: mcpServers.a__b: this name of a server does not fit into names of tools',
      '.mcp.json: mcpServers.both: has both a command and a url',
      '.mcp.json: mcpServers.none: has neither a command nor a url',
      '.mcp.json: mcpServers.wrong.command: this must be a text in double quotes',
      '.mcp.json: mcpServers.wrong.args: this must be a list in [ ]',
      '.mcp.json: mcpServers.wrong.env.A: this must be a text in double quotes',
      '.mcp.json: mcpServers.ftp.url: is not an http or https address',
      '.mcp.json: mcpServers.old.type: the old transport "sse" is not spoken',
      '.mcp.json: mcpServers.header.headers.a b: is no header of HTTP',
      '.mcp.json: mcpServers.home.command: ~ is not expanded',
      '.mcp.json: mcpServers.Home: differs from home only in its case',
    ]);
    expect(read({ none: { comand: 'x' } }).problems[0]?.hint).to.equal('is "comand" a slip?');
    const broken = (text: string): readonly string[] => readMcpFile('.mcp.json', text, {}).problems.map(({ place }) => place);
    expect(broken('{"mcpServers": {},}')).to.deep.equal(['.mcp.json: line 1, column 19']);
    expect(broken('[]')).to.deep.equal(['.mcp.json']);
    expect(broken('{"mcpServers": []}')).to.deep.equal(['.mcp.json: mcpServers']);
  });

  it('warns of placeholders and slips, and quotes no value', () => {
    const { problems, servers } = read({ a: { command: 'x', arg: ['y'], env: { KEY: '****', OTHER: 'your-key-here' } } });
    expect(servers).to.have.length(1);
    expect(problems.map(({ severity, place }) => `${severity} ${place}`)).to.deep.equal([
      'warning .mcp.json: mcpServers.a.arg',
      'warning .mcp.json: mcpServers.a.env.KEY',
      'warning .mcp.json: mcpServers.a.env.OTHER',
    ]);
    expect(JSON.stringify(problems)).not.to.contain('your-key-here');
  });

  it('has its keys taken for secrets, and its paths and plain words not', () => {
    const { secrets } = read({
      a: {
        command: 'x',
        args: ['--api-key', 'first-secret', '--token=second-secret', '--root', '/srv/project', 'postgres://u:third-secret@h/d'],
        env: { SERVICE_KEY: 'plainword', ROOT: '/srv/other', LEVEL: 'verbose', ODD: 'a1b2c3d4' },
      },
      b: {
        url: 'https://u:fourth-secret@x.example.org/?api_key=fifth-secret',
        headers: { Authorization: 'Bearer sixth-secret', Accept: 'a/b' },
      },
    });
    expect(secrets).to.have.members([
      'plainword',
      'a1b2c3d4',
      'first-secret',
      'second-secret',
      'third-secret',
      'Bearer sixth-secret',
      'sixth-secret',
      'fourth-secret',
      'fifth-secret',
    ]);
  });

  it('is held against the rules of the workspace file, which may name what is not there', () => {
    const workspace = {
      description: 'd',
      workspace_type: 't',
      working_directory: '.',
      telegram_chat_ids: [],
      mcp_servers: ['files', 'flies'],
      mcp_safe_tools: ['mcp__files__read_*', 'mcp__nothing__x', 'read_file', 'mcp__*', '*'],
    };
    const files: Readonly<Record<string, unknown>> = {
      '/cwd/.mcp.json': { mcpServers: { files: { command: 'x' } } },
      '/cwd/config/workspace_config.json': { workspaces: { Orchard: workspace }, dm_whitelist: { mcp_safe_tools: ['mcp__fils__read'] } },
    };
    const readFile = (path: string): string | undefined => (files[path] === undefined ? undefined : JSON.stringify(files[path]));
    const loaded = loadConfig({ cwd: '/cwd', kindOf: () => 'directory', readFile, env: {} });
    expect(
      loaded.ok ? loaded.value.warnings.map(({ place, problem, hint }) => `${place}: ${problem} (${hint})`) : loaded.error,
    ).to.deep.equal([
      'config/workspace_config.json: workspaces.Orchard.mcp_servers[1]: no MCP server is called "flies" (did you mean "files"?)',
      'config/workspace_config.json: workspaces.Orchard.mcp_safe_tools[1]: no MCP server is called "nothing" (there are: files)',
      'config/workspace_config.json: workspaces.Orchard.mcp_safe_tools[2]: "read_file" fits no tool of an MCP server (write mcp__<server>__<tool>, with * for any letters)',
      'config/workspace_config.json: dm_whitelist.mcp_safe_tools[0]: no MCP server is called "fils" (did you mean "files"?)',
    ]);
  });

  it('is part of the configuration: its secrets are known, and a named file must be there', () => {
    const sources = { cwd: '/cwd', kindOf: () => 'directory' as const };
    const text = JSON.stringify({ mcpServers: { a: { command: 'x', env: { TOKEN: 'secret-of-a-server' } } } });
    const readFile = (path: string): string | undefined => (path === '/cwd/my.json' ? text : undefined);
    const loaded = loadConfig({ ...sources, readFile, env: { KEPT_MCP_CONFIG: 'my.json' } });
    expect(loaded.ok && loaded.value.mcp).to.deep.include({ file: 'my.json', path: '/cwd/my.json' });
    expect(loaded.ok && loaded.value.secrets).to.include('secret-of-a-server');
    const missing = loadConfig({ ...sources, readFile, env: { KEPT_MCP_CONFIG: 'other.json' } });
    expect(missing.ok ? [] : missing.error.map(({ place, problem }) => `${place}: ${problem}`)).to.deep.equal([
      'KEPT_MCP_CONFIG: there is no file /cwd/other.json',
    ]);
    expect(loadConfig({ ...sources, readFile, env: {} }).ok).to.equal(true);
  });
});
