import { strict as assert } from 'node:assert';
import { mkdirSync, symlinkSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ChatReply, type ChatRequest, openChatPeer } from '../fakes/openai/peer.ts';
import { OPENAI } from '../fakes/openai/servers.ts';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const REHEARSAL = { KEPT_MODELS: 'rehearsal' };
const COUNT = 'count the TODO comments in this project';

describe('kept agent run', function () {
  this.timeout(60_000);
  let site: Site;
  let close = async (): Promise<void> => undefined;
  beforeEach(async () => {
    site = await makeSite(REHEARSAL);
  });
  afterEach(async () => {
    await close();
    close = async () => undefined;
    await site.remove();
  });

  const withModel = async (reply: (request: ChatRequest) => ChatReply) => {
    const peer = await openChatPeer(reply, OPENAI);
    close = peer.close;
    return { peer, env: { KEPT_MODELS: 'openai', OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'small' } };
  };

  it('answers on a new installation: the answer alone on standard output, what tools do on standard error', async () => {
    const { code, stdout, stderr } = await runKept(site, ['agent', 'run', 'valor_agent', COUNT]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^TODO comments: 3/);
    assert.match(stdout, /I am the rehearsal model/);
    assert.equal(stderr, '… searching files (search_files)\n');
  });

  it('is named for a promise, too: one that is not there is refused with the nearest name, one without tools with what to set', async () => {
    await runKept(site, ['agent', 'run', 'valor_agent', 'hi']);
    const { code, stderr } = await runKept(site, ['promises', 'make', '--agent', 'notion_scuot', COUNT]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /there is no agent named "notion_scuot": did you mean notion_scout\?/);
    const scout = ['promises', 'make', '--agent', 'notion_scout', COUNT];
    const idle = await runKept(site, scout);
    assert.equal(idle.code, 1, idle.stderr);
    assert.match(idle.stderr, /notion_scout has no tools here: set NOTION_API_KEY/);
    const made = await runKept(site, [...scout, '--json'], { env: { NOTION_API_KEY: `ntn_${'0'.repeat(40)}` } });
    assert.equal(made.code, 0, made.stderr);
    assert.equal((JSON.parse(made.stdout) as { agent: string }).agent, 'notion_scout');
  });

  it('refuses a question that is no text, and shows no key of an agent', async () => {
    const binary = await runKept(site, ['agent', 'run', 'valor_agent'], { input: '\u0000\u0001' });
    assert.equal(binary.code, 2);
    assert.match(binary.stderr, /standard input is no text in UTF-8/);
    const key = `sk-ant-api03-${'k3yOfNobody'.repeat(8)}`;
    mkdirSync(join(site.root, 'config/agents'), { recursive: true });
    await writeFile(join(site.root, 'config/agents/tea.md'), `---\ndescription: Tea, ${key}\n---\nThe key is ${key}.\n`);
    const agent = (...words: readonly string[]) => runKept(site, ['agent', ...words]);
    const [text, json, list, check] = await Promise.all([
      agent('show', 'tea'),
      agent('show', 'tea', '--json'),
      agent('list', '--json'),
      agent('check'),
    ]);
    for (const { stdout, stderr } of [text, json, list, check]) assert.doesNotMatch(stdout + stderr, /sk-ant/);
    assert.match(text.stdout, /The key is \[redacted\]\./);
    assert.equal(check.code, 1);
    assert.match(check.stdout, /warning: config\/agents\/tea\.md: line 2\n/);
  });

  it('gives programs the text, the model, the usage and the steps, and reads the question from standard input', async () => {
    const { code, stdout, stderr } = await runKept(site, ['agent', 'run', 'valor_agent', '--json'], { input: `${COUNT}\n` });
    assert.deepEqual([code, stderr], [0, '']);
    const told = JSON.parse(stdout) as { text: string; model: string; usage: { inputTokens: number }; steps: { kind: string }[] };
    assert.match(told.text, /^TODO comments: 3/);
    assert.equal(told.model, 'rehearsal/offline');
    assert.ok(told.usage.inputTokens > 0);
    assert.deepEqual(
      told.steps.map(({ kind }) => kind),
      ['model', 'tool', 'model'],
    );
  });

  it('stores what it promises while Kept runs on the same data, and the promise is kept', async () => {
    const kept = await startKept(site, 'start');
    try {
      const made = await runKept(site, ['agent', 'run', 'telegram_chat_agent', `in the background, ${COUNT}`]);
      assert.equal(made.code, 0, made.stderr);
      assert.match(made.stdout, /^Promise #1/);
      assert.match(made.stderr, /comes to the local chat local:1/);
      const followed = await runKept(site, ['promises', 'show', '1', '--follow']);
      assert.match(followed.stdout, /completed/);
      const shown = await runKept(site, ['promises', 'show', '1']);
      assert.match(shown.stdout, /\nStep 1: \S+ replied, with 1 tool call, \d+ ms\.\nStep 2: \S+: done, \d+ ms, from a file\.\nStep 3: /);
      const { steps, status } = JSON.parse((await runKept(site, ['promises', 'show', '1', '--json'])).stdout) as {
        readonly status: string;
        readonly steps: readonly { readonly kind: string }[];
      };
      assert.deepEqual([status, ...steps.map(({ kind }) => kind)], ['completed', 'model', 'tool', 'model']);
    } finally {
      await kept.stop();
    }
  });

  it('promises nothing in another directory than that of the local chat, and says so', async () => {
    mkdirSync(join(site.root, 'other'));
    const words = ['agent', 'run', 'telegram_chat_agent', '--dir', 'other', `in the background, ${COUNT}`];
    const { code, stdout, stderr } = await runKept(site, words);
    assert.equal(code, 0);
    assert.match(stdout, /make_promise, and I was not given it here/);
    assert.match(stderr, /With --project or --dir nothing can be promised/);
    assert.match((await runKept(site, ['promises', 'list'])).stdout, /No promises/);
  });

  it('keeps a run to its project: the exact name, else an alias, and a directory inside', async () => {
    const { project } = site;
    const workspace = {
      description: 'the orchard',
      workspace_type: 'client',
      working_directory: project,
      telegram_chat_ids: [],
      aliases: ['trees'],
    };
    await writeFile(site.env.KEPT_CONFIG ?? '', JSON.stringify({ workspaces: { Orchard: workspace } }));
    symlinkSync(site.root, join(project, 'out'));
    const run = (...words: string[]) => runKept(site, ['agent', 'run', 'valor_agent', ...words, COUNT]);
    assert.match((await run('--project', 'TREES')).stdout, /^TODO comments: 3/);
    assert.match((await run('-p', 'Orchard', '--dir', join(project, 'src'))).stdout, /^TODO comments: 2/);
    for (const dir of [site.root, join(project, 'out'), join(project, '..')])
      assert.deepEqual(await run('-p', 'Orchard', '--dir', dir), {
        code: 1,
        stdout: '',
        stderr: `kept: ${dir} is not inside ${project}, the directory of Orchard: name one inside, or leave out --project\n`,
      });
    assert.deepEqual(await run('-p', 'Orchar'), {
      code: 1,
      stdout: '',
      stderr: 'kept: there is no workspace Orchar; there are: Orchard\n',
    });
  });

  it('names the nearest agent, and refuses what it can’t read as a question', async () => {
    const [unknown, empty, nowhere] = await Promise.all([
      runKept(site, ['agent', 'run', 'valor_agnet', 'hi']),
      runKept(site, ['agent', 'run', 'valor_agent', '-'], { input: ' \n' }),
      runKept(site, ['agent', 'run', 'valor_agent', '--dir', 'nowhere', 'hi']),
    ]);
    assert.deepEqual([unknown.code, unknown.stderr], [1, 'kept: there is no agent named "valor_agnet": did you mean valor_agent?\n']);
    assert.equal(empty.code, 2);
    assert.match(empty.stderr, /nothing is asked/);
    assert.deepEqual([nowhere.code, nowhere.stderr], [1, `kept: there is no directory ${join(site.root, 'nowhere')}\n`]);
  });

  it('exits 1, in words, where the model can’t be asked', async () => {
    const { env } = await withModel(() => ({ status: 401, error: { message: 'bad key', type: 'invalid_request_error' } }));
    const { code, stdout, stderr } = await runKept(site, ['agent', 'run', 'valor_agent', 'hi'], { env });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^kept: .*openai\/small/);
  });

  it('ends at Ctrl-C with 130, also while the model is silent', async () => {
    const asked = Promise.withResolvers<void>();
    const { env } = await withModel(() => {
      asked.resolve();
      return { hangsAfter: [] };
    });
    const { code, stdout, stderr } = await runKept(site, ['agent', 'run', 'valor_agent', 'hi'], {
      env,
      onStarted: (child) => void asked.promise.then(() => child.kill('SIGINT')),
    });
    assert.deepEqual([code, stdout, stderr], [130, '', 'kept: interrupted, and nothing was decided\n']);
  });
});
