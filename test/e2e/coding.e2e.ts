import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ApiPromise, type ChatMessage, chatApi, until } from '../support/chat-api.ts';
import { CLAUDE_SDK } from '../support/claude-places.ts';
import { countProcesses } from '../support/coding-site.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

const AGENT = fileURLToPath(new URL('../fakes/acp/agent.ts', import.meta.url));

/** Not the words in which the task was taken. */
const isResult = ({ from, text }: ChatMessage): boolean => from === 'agent' && !text.includes('rehearsal model');

describe('A coding task, from chat to chat', function () {
  this.timeout(120_000);
  let site: Site;
  let kept: KeptProcess;
  const api = chatApi(() => kept.url);

  beforeEach(async () => {
    site = await makeSite({ KEPT_CODING_AGENT: `acp:"${process.execPath}" "${AGENT}"`, PROMISE_LEASE_SECONDS: '1' });
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-C', site.project, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args]);
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'begin');
    kept = await startKept(site, 'start');
  });
  afterEach(async () => {
    await kept.stop();
    await site.remove();
  });

  const agents = (): Promise<number> => countProcesses(`HOME=${site.dataDir}/coding/`);
  const ask = (steps: readonly object[]) =>
    api.post(`call delegate_coding_task ${JSON.stringify({ task: `Do this: ${JSON.stringify(steps)}` })}`, 1);
  const outcome = (words: RegExp) =>
    until(`a message that says ${words}`, async () =>
      (await api.messages(1)).find((message) => isResult(message) && words.test(message.text)),
    );
  const written = (path: string): Promise<string | undefined> => readFile(join(site.project, path), 'utf8').catch(() => undefined);
  const promise = async (): Promise<ApiPromise | undefined> => (await api.promises())[0];

  it('changes a file, and its result names the file, and what was not allowed', async () => {
    await ask([
      { do: 'write', path: 'src/one.ts', text: '// changed\n' },
      { do: 'write', path: '../outside.txt', text: 'planted' },
      { do: 'say', text: 'One file is changed.' },
    ]);
    const { text } = await outcome(/One file is changed\./);
    assert.match(text, /src\/one\.ts \| +\d+/);
    assert.match(text, /Not allowed:\n- Write \.\.\/outside\.txt: it lies outside the workspace directory/);
    assert.equal(await written('src/one.ts'), '// changed\n');
    assert.equal(await written('../outside.txt'), undefined);
    assert.equal(await agents(), 0);
  });

  // A package beside Kept is found, whatever this test wants.
  if (CLAUDE_SDK === undefined || process.env.KEPT_TEST_CLAUDE_SDK !== undefined)
    it('says how Claude Code is installed where it is not', async () => {
      await kept.stop();
      const { KEPT_CODING_AGENT: _, ...env } = site.env;
      const claude = { ...env, KEPT_CODING_AGENT: 'claude-code', KEPT_MODELS: 'rehearsal', ANTHROPIC_API_KEY: 'sk-ant-of-a-test' };
      kept = await startKept({ ...site, env: claude }, 'start');
      await ask([{ do: 'say', text: 'x' }]);
      const { text } = await outcome(/Claude Code is not installed/);
      assert.match(text, /npm install @anthropic-ai\/claude-agent-sdk/);
    });

  it('continues the session of the chat with the next task', async () => {
    await ask([{ do: 'say', text: 'The word is heron.' }]);
    await outcome(/The word is heron/);
    await ask([{ do: 'recall' }]);
    await outcome(/The word is heron[\s\S]*When you are done/);
  });

  it('is ended by /cancel, and leaves no process', async () => {
    await ask([{ do: 'write', path: 'begun.txt', text: 'x' }, { do: 'wait' }]);
    await until('the agent to have begun', () => written('begun.txt'));
    const { id } = (await promise()) as ApiPromise;
    const at = performance.now();
    await api.post(`/cancel ${id}`, 1);
    await until('the agent to be gone', async () => (await agents()) === 0);
    assert.ok(performance.now() - at < 3_000, `it took ${Math.round(performance.now() - at)} ms`);
    assert.equal((await promise())?.status, 'cancelled');
  });

  it('goes on in its session after kill -9, and is done once', async () => {
    await ask([{ do: 'append', path: 'count.txt', text: 'x' }, { do: 'wait-once' }, { do: 'say', text: 'It is finished.' }]);
    await until('the agent to have begun', () => written('count.txt'));
    await kept.kill();
    await until('the agent to be gone with its worker', async () => (await agents()) === 0);
    kept = await startKept(site, 'start');
    await outcome(/It is finished\./);
    assert.equal(await written('count.txt'), 'x', 'the first part was not done again');
    const told = (await api.messages(1)).filter((message) => isResult(message) && /It is finished/.test(message.text));
    assert.equal(told.length, 1);
  });
});
