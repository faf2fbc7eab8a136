import { strict as assert } from 'node:assert';
import { readdir, readFile, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openCodingPeer } from '../fakes/anthropic/coding-peer.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { CLAUDE_SDK } from '../support/claude-places.ts';
import '../support/claude-sdk.ts';
import { countProcesses } from '../support/coding-site.ts';
import { type KeptProcess, makeSite, startKept } from '../support/kept-process.ts';

/** A journal of its own: Claude Code keeps what it has done in its session, which outlives the worker. */
describe('Claude Code, from chat to chat', () => {
  it('goes on in its session after kill -9 of the worker: no reply is paid twice, no file is written twice', async () => {
    const site = await makeSite({ KEPT_CODING_AGENT: 'claude-code', KEPT_MODELS: 'rehearsal', PROMISE_LEASE_SECONDS: '1' });
    const peer = await openCodingPeer(site.project);
    const claude = { ...site.env, ANTHROPIC_API_KEY: 'sk-ant-of-a-test', ANTHROPIC_BASE_URL: peer.url };
    await symlink(dirname(dirname(CLAUDE_SDK ?? '')), join(site.root, 'node_modules'));
    const start = () => startKept({ ...site, env: claude }, 'start');
    let kept: KeptProcess = await start();
    const api = chatApi(() => kept.url);
    const agents = (): Promise<number> => countProcesses(`HOME=${site.dataDir}/coding/`);
    const sessions = async (): Promise<readonly string[]> =>
      (await readdir(join(site.dataDir, 'coding'), { recursive: true })).filter((path) => path.endsWith('.jsonl'));
    /** The requests for a step of the task, and not for a name of the session. */
    const requests = (): readonly string[] =>
      peer.asked.filter((request) => request.includes('heron.txt') && request.includes('"tools":[{'));
    try {
      const steps = [
        { do: 'write', path: 'heron.txt', text: 'first' },
        { do: 'wait-once' },
        { do: 'write', path: 'stork.txt', text: 'second' },
        { do: 'say', text: 'It is finished.' },
      ];
      await api.post(`call delegate_coding_task ${JSON.stringify({ task: `Do this: ${JSON.stringify(steps)}` })}`, 1);
      await until('the second request', async () => requests().length === 2);
      const written = (await stat(join(site.project, 'heron.txt'))).mtimeMs;
      await kept.kill();
      await until('Claude Code to be gone with its worker', async () => (await agents()) === 0);
      kept = await start();
      const outcome = await until('the outcome', async () =>
        (await api.messages(1)).find(({ text }) => text.startsWith('Promise #') && text.includes('It is finished.')),
      );
      assert.match(outcome.text, /is kept/);
      assert.equal((await stat(join(site.project, 'heron.txt'))).mtimeMs, written, 'the first file was not written again');
      assert.equal(await readFile(join(site.project, 'stork.txt'), 'utf8'), 'second');
      // Three replies; the second was cut.
      assert.equal(requests().length, 4, `${requests().length} requests for 3 replies and one kill`);
      assert.equal((await sessions()).length, 1, 'one session');
      const told = (await api.messages(1)).filter(({ text }) => text.includes('It is finished.') && text.startsWith('Promise #'));
      assert.equal(told.length, 1);
    } finally {
      await kept.kill();
      await peer.close();
      await site.remove();
    }
  }).timeout(120_000);
});
