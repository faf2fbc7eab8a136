/** Long because the servers of one site, and what they are asked, stand together. */
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { chatApi, until } from '../support/chat-api.ts';
import { KEPT, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { OWN, program } from '../support/mcp-servers.ts';
import { runKept } from '../support/run-kept.ts';

interface Asked {
  readonly approvals: readonly { readonly id: number; readonly tool: string }[];
}

const KEY = 'ntn_0123456789abcdefghijklmnopqrstuvwxyz';

/** Decides, as the operator, on what is asked about: servers that did not write a call may have led to it. */
const deciding = (api: ReturnType<typeof chatApi>, denied = 'none') => {
  const decided = new Set<number>();
  return async (): Promise<void> => {
    const { approvals } = await api.get<Asked>('/api/approvals?status=asked');
    for (const { id, tool } of approvals.filter((asked) => !decided.has(asked.id))) {
      decided.add(id);
      await api.post(`/${tool === denied ? 'deny' : 'approve'} ${id}`, 1);
    }
  };
};

describe('MCP', function () {
  this.timeout(90_000);
  let site: Site;
  beforeEach(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal' });
  });
  afterEach(() => site.remove());

  const node = (...args: string[]): object => ({ command: process.execPath, args });
  const servers = (entries: object): void =>
    writeFileSync(join(site.root, '.mcp.json'), JSON.stringify({ mcpServers: entries }), { mode: 0o600 });
  const allow = (...mcp_safe_tools: string[]): void => {
    const path = site.env.KEPT_CONFIG as string;
    const config = JSON.parse(readFileSync(path, 'utf8')) as { dm_whitelist: object };
    writeFileSync(path, JSON.stringify({ ...config, dm_whitelist: { ...config.dm_whitelist, mcp_safe_tools } }));
  };
  /** Processes whose command line holds the directory of this test. */
  const left = (columns = 'args'): string =>
    execFileSync('ps', ['-ww', '-eo', columns], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(site.root) && /server-(everything|filesystem|memory)|stdio-server/.test(line))
      .join('\n');

  it('brings its tools to a chat: promised in an answer, run where they are safe, else asked about, and nothing is left', async () => {
    servers({
      files: node(program('server-filesystem'), site.root),
      memory: { ...node(program('server-memory'), site.root), env: { MEMORY_FILE_PATH: join(site.root, 'graph.json') } },
      everything: node(program('server-everything'), 'stdio', site.root),
    });
    allow('mcp__files__write_*', 'mcp__memory__*', 'mcp__everything__echo', 'mcp__everything__trigger-*');
    const kept = await startKept(site, 'start');
    const api = chatApi(() => kept.url);
    const answerTo = async (text: string) => {
      const { messageId } = await api.post(text, 1);
      return until(`an answer to ${text}`, async () => (await api.messages(1)).find(({ answers }) => answers?.includes(messageId)));
    };
    const decideAll = deciding(api, 'mcp__files__list_directory');
    const path = join(site.root, 'note.txt');
    const write = `use mcp__files__write_file ${JSON.stringify({ path, content: 'kept' })}`;
    try {
      assert.match(
        (await answerTo(write)).text,
        /exactly this call of mcp__files__write_file.*#1|#1.*exactly this call of mcp__files__write_file/s,
      );
      assert.match((await answerTo(`in the background, ${write}`)).text, /#2/);
      await answerTo('in the background, use mcp__everything__echo {"message": "from npm"}');
      await answerTo(
        'in the background, use mcp__memory__create_entities {"entities": [{"name": "Ada", "entityType": "person", "observations": ["counts"]}]}',
      );
      await answerTo('in the background, use mcp__files__list_directory {"path": "."}');
      const ended = await until('the end of the promises', async () => {
        await decideAll();
        const promises = (await api.promises()).filter(({ deliveredAt }) => deliveredAt !== undefined);
        return promises.length === 5 && promises.sort((a, b) => a.id - b.id);
      });
      assert.equal(readFileSync(path, 'utf8'), 'kept');
      assert.match(ended[2]?.resultSummary ?? '', /from npm/);
      assert.match(ended[3]?.resultSummary ?? '', /Ada/);
      assert.match(readFileSync(join(site.root, 'graph.json'), 'utf8'), /Ada/);
      assert.match(JSON.stringify(ended[4]), /the operator denied it/);
      // One dies in the middle of a call, by somebody else's hand.
      await api.post('in the background, use mcp__everything__trigger-long-running-operation {"duration": 60, "steps": 60}', 1);
      // The server has told of its work by then.
      await until('its progress', async () => {
        await decideAll();
        return /\d %/.test((await api.promises()).find(({ id }) => id === 6)?.progress ?? '');
      });
      process.kill(Number(/^\s*(\d+) .*server-everything/m.exec(left('pid,args'))?.[1]), 'SIGKILL');
      const cut = await until('its end', async () => (await api.promises()).find(({ id, deliveredAt }) => id === 6 && deliveredAt));
      assert.match(JSON.stringify(cut), /it was ended by SIGKILL.*It is not known whether the call took effect/);
      assert.notEqual(left(), '');
    } finally {
      await kept.stop();
    }
    assert.equal(left(), '');
  });

  it('does not hold up a chat when servers are silent, lie, or die in the middle of a call', async () => {
    const notes = join(site.root, 'notes');
    servers({ own: node(OWN, 'steady', notes), silent: node(OWN, 'silent', notes), lying: node(OWN, 'lying', notes) });
    allow('mcp__*');
    const kept = await startKept(site, 'start');
    const api = chatApi(() => kept.url);
    const decideAll = deciding(api);
    const results = async (count: number) =>
      until(`${count} ends`, async () => {
        await decideAll();
        const ended = (await api.promises()).filter(({ deliveredAt }) => deliveredAt !== undefined);
        return ended.length === count && (await api.messages(1)).filter(({ from }) => from === 'agent').map(({ text }) => text);
      });
    try {
      for (const tool of ['mcp__own__die', 'mcp__lying__twin', 'mcp__silent__echo']) await api.post(`in the background, use ${tool} {}`, 1);
      const told = (await results(3)).join('\n');
      assert.match(told, /it ended with exit code 3\. It is not known whether the call took effect/);
      assert.match(told, /"lying" answered with something that is no result/);
      assert.match(told, /mcp__silent__echo/);
      // The server that died works again.
      await api.post('in the background, use mcp__own__echo {"again": true}', 1);
      assert.match((await results(4)).join('\n'), /\{"again":true\}/);
    } finally {
      await kept.stop();
    }
    assert.equal(left(), '');
    const log = readFileSync(join(site.dataDir, 'logs', 'kept.log'), 'utf8').split('\n');
    assert.equal(log.filter((line) => line.includes('an MCP server failed') && line.includes('"own"')).length, 1, 'told once');
  });

  it('leaves no server behind when Kept is killed', async () => {
    servers({ own: node(OWN, 'steady', join(site.root, 'notes')) });
    const kept = await startKept(site, 'worker');
    await until('the server', async () => left() !== '');
    await kept.kill();
    await until('the end of the server', async () => left() === '');
  });

  it('is listed, called and checked from the command line', async () => {
    servers({
      own: node(OWN, 'steady', join(site.root, 'notes')),
      gone: { command: 'no-such-command' },
      off: { command: 'off', disabled: true },
    });
    const listed = await runKept(site, ['mcp', 'list', '--json']);
    assert.equal(listed.code, 1, 'one has failed');
    assert.equal(
      listed.stderr,
      'gone: FAILED, there is no command "no-such-command", or its directory is missing\n    → install it, or correct "command" in its entry\n',
    );
    assert.deepEqual(JSON.parse(listed.stdout), {
      servers: [
        { name: 'gone', status: 'failed', tools: [] },
        {
          name: 'own',
          status: 'connected',
          tools: ['die', 'echo', 'grow', 'hang', 'key', 'progress'].map((tool) => ({ name: `mcp__own__${tool}`, effect: 'acts' })),
        },
      ],
    });
    const echoed = await runKept(site, ['mcp', 'call', 'own', 'echo', '{"a": 1}']);
    assert.deepEqual([echoed.code, echoed.stdout], [0, '{"a":1}\n']);
    const died = await runKept(site, ['mcp', 'call', 'own', 'die', '--json']);
    assert.equal(died.code, 1);
    assert.match((JSON.parse(died.stdout) as { output: string }).output, /exit code 3.*It is not known whether/);
    const hung = await runKept(site, ['mcp', 'call', 'own', 'hang', '--timeout', '1s']);
    assert.deepEqual([hung.code, hung.stdout], [1, '']);
    assert.match(hung.stderr, /took longer than 1 s and was ended/);
    const mistyped = await runKept(site, ['mcp', 'call', 'gon', 'echo']);
    assert.equal(mistyped.code, 1);
    assert.match(mistyped.stderr, /there is no MCP server "gon" in .*; did you mean "gone"\?/);
    const off = await runKept(site, ['mcp', 'call', 'off', 'echo']);
    assert.match(off.stderr, /^kept: the MCP server "off" is disabled in .*\.mcp\.json: remove "disabled" from its entry\n$/);
    const gone = await runKept(site, ['mcp', 'call', 'gone', 'echo']);
    assert.deepEqual([gone.code, gone.stdout], [1, '']);
    assert.match(gone.stderr, /^kept: the call was not made: gone: FAILED, there is no command "no-such-command"/);
    assert.equal((await runKept(site, ['mcp', 'call', 'own', 'echo', '[1]'])).code, 2);
    const doctor = await runKept(site, ['mcp', 'doctor']);
    assert.equal(doctor.code, 1);
    assert.match(doctor.stdout, /gone: FAILED, there is no command "no-such-command".*\n {4}→ install it/);
    assert.match(doctor.stdout, /own: ok, started and listed 6 tools in \d+ ms/);
    assert.equal(left(), '');
  });

  it('that never says a word is waited for in words, and no longer than a call may take', async () => {
    servers({ own: node(OWN, 'silent', join(site.root, 'notes')) });
    const startedAt = performance.now();
    const { code, stdout, stderr } = await runKept(site, ['mcp', 'call', 'own', 'echo', '--timeout', '3s']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^… waiting for own to start, for 3 s at the most \(Ctrl-C ends it\)\nkept: the call was not made: own: FAILED, /);
    assert.ok(performance.now() - startedAt < 12_000);
    assert.equal(left(), '');
  });

  it('has its file written from the environment, once and for its owner alone, and keeps what a person added', async () => {
    const path = join(site.root, '.mcp.json');
    const write = (env: NodeJS.ProcessEnv, ...more: string[]) => runKept(site, ['mcp', 'write', ...more], { env });
    assert.match(
      (await runKept(site, ['mcp', 'list'])).stdout,
      /^No MCP servers: there is no file .*\.mcp\.json\. `.* mcp write` makes one\.\n$/,
    );
    assert.match((await write({})).stdout, /^Nothing to write/);
    const dry = await write({ NOTION_API_KEY: KEY }, '--dry-run');
    assert.match(dry.stdout, /"NOTION_TOKEN": "\[redacted\]"/);
    assert.equal((await write({ NOTION_API_KEY: KEY })).code, 0);
    const notion = { command: 'npx', args: ['-y', '@notionhq/notion-mcp-server'], env: { NOTION_TOKEN: KEY } };
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { mcpServers: { notion } });
    assert.equal(statSync(path).mode & 0o777, 0o600);

    const mine = {
      other: true,
      mcpServers: { mine: { command: 'mine' }, notion: { ...notion, note: 'by hand', env: { NOTION_TOKEN: 'old', MORE: '1' } } },
    };
    writeFileSync(path, JSON.stringify(mine));
    chmodSync(path, 0o644);
    assert.equal((await write({ NOTION_API_KEY: KEY })).code, 0);
    const after = {
      other: true,
      mcpServers: { mine: { command: 'mine' }, notion: { ...notion, note: 'by hand', env: { NOTION_TOKEN: KEY, MORE: '1' } } },
    };
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), after);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const without = await write({ NOTION_API_KEY: '****' });
    assert.match(without.stderr, /NOTION_API_KEY is not set, or is no key/);
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), after);

    execFileSync('git', ['init', '-q', site.root]);
    assert.match((await write({ NOTION_API_KEY: KEY })).stderr, /Git does not ignore .*\.mcp\.json/);
    writeFileSync(join(site.root, '.gitignore'), '.mcp.json\n');
    assert.equal((await write({ NOTION_API_KEY: KEY })).stderr, '');
    writeFileSync(path, '{"broken": ');
    const broken = await write({ NOTION_API_KEY: KEY });
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /is no object of JSON; nothing was written/);
    assert.equal(readFileSync(path, 'utf8'), '{"broken": ');
  });

  it('serves promises to a client, which makes one, follows it to its end and reads its result', async () => {
    const kept = await startKept(site, 'start');
    const client = new Client({ name: 'test', version: '1' });
    const env = Object.fromEntries(Object.entries(site.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [KEPT, 'mcp', 'serve'],
      env,
      cwd: site.root,
      stderr: 'pipe',
    });
    const noise: string[] = [];
    client.onerror = ({ message }) => noise.push(message);
    const call = async (
      name: string,
      input: Record<string, unknown>,
      onprogress?: (progress: { message?: string | undefined }) => void,
    ) => {
      const { content, isError } = await client.callTool(
        { name, arguments: input },
        { timeout: 60_000, ...(onprogress ? { onprogress } : {}) },
      );
      const [part] = content;
      return { text: part?.type === 'text' ? part.text : '', isError: isError === true };
    };
    try {
      await client.connect(transport);
      const { tools } = await client.listTools();
      assert.deepEqual(tools.map(({ name }) => name).sort(), [
        'cancel_promise',
        'follow_promise',
        'list_promises',
        'make_promise',
        'show_promise',
      ]);
      const made = await call('make_promise', { description: 'count to 3 slowly', idempotency_key: 'once' });
      const { id } = JSON.parse(made.text) as { id: number };
      assert.match((await call('make_promise', { description: 'count to 3 slowly', idempotency_key: 'once' })).text, /was made before/);
      const other = await call('make_promise', {
        description: 'count to 4 slowly',
        priority: 5,
        task_type: 'code',
        idempotency_key: 'once',
      });
      assert.match(other.text, /No new promise was made: .* its description and task_type differ from what is asked now/);
      const nobody = await call('make_promise', { description: 'count', agent: 'valor_agnet' });
      assert.deepEqual(nobody, { text: 'there is no agent named "valor_agnet": did you mean valor_agent?', isError: true });
      const scout = await call('make_promise', { description: 'count', agent: 'notion_scout' });
      assert.deepEqual(scout, { text: 'notion_scout has no tools here: set NOTION_API_KEY', isError: true });
      const unknown = await call('make_promise', { description: 'count', agnet: 'valor_agent' });
      assert.equal(unknown.isError, true);
      assert.match(unknown.text, /agnet/);
      const heard: string[] = [];
      const followed = await call('follow_promise', { id, timeout_seconds: 40 }, ({ message }) => heard.push(message ?? ''));
      assert.equal((JSON.parse(followed.text) as { status: string }).status, 'completed');
      assert.match(followed.text, /resultSummary/);
      assert.ok(heard.length > 0, 'no progress was told');
      assert.match((await call('list_promises', {})).text, /count to 3 slowly/);
      assert.deepEqual(await call('show_promise', { id: 99 }), { text: 'There is no promise #99.', isError: true });
      assert.equal((await call('cancel_promise', { id })).isError, true);
      const long = JSON.parse((await call('make_promise', { description: 'count to 900 slowly' })).text) as { id: number };
      assert.match((await call('follow_promise', { id: long.id, timeout_seconds: 1 })).text, /It has not ended yet/);
      assert.equal((await call('cancel_promise', { id: long.id })).isError, false);
      assert.deepEqual(noise, []);
      const { pid } = transport;
      await client.close();
      assert.throws(() => process.kill(pid ?? 0, 0), { code: 'ESRCH' });
    } finally {
      await client.close();
      await kept.stop();
    }
  });
});
