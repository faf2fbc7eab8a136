import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { openMessagesPeer } from '../fakes/anthropic/peer.ts';
import { called, openResponsesPeer, said, thought } from '../fakes/openai/responses-peer.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

describe('Kept with models that are named by reference, as a process', function () {
  this.timeout(60_000);
  let site: Site | undefined;
  let kept: KeptProcess | undefined;
  afterEach(async () => {
    await kept?.stop();
    await site?.remove();
  });

  it('answers through an installed package of the AI SDK', async () => {
    await using peer = await openMessagesPeer([{ content: [{ type: 'text', text: 'Good morning.' }] }]);
    site = await makeSite({
      KEPT_MODELS: 'ai-sdk:@ai-sdk/anthropic/claude-sonnet-5-5,rehearsal',
      ANTHROPIC_API_KEY: 'sk-ant-made-up-for-this-test',
      ANTHROPIC_BASE_URL: peer.url,
    });
    kept = await startKept(site, 'start');
    const api = chatApi(() => kept?.url ?? '');
    const { messageId } = await api.post('hello', 1);
    const answer = await until('an answer', async () => (await api.messages(1)).find(({ answers }) => answers?.includes(messageId)));
    assert.equal(answer.text, 'Good morning.');
    assert.deepEqual(peer.broken, []);
    assert.equal(kept.started.model, 'ai-sdk:anthropic/claude-sonnet-5-5, then rehearsal/offline');
  });

  it('answers over the Responses API, with thoughts that go back between calls of tools', async () => {
    await using peer = await openResponsesPeer([
      { output: [thought(1), called('call_1', { path: 'src/one.ts' }, 'read_file')] },
      { output: [thought(2), said('It says first.')] },
    ]);
    site = await makeSite({ OPENAI_BASE_URL: peer.url, OPENAI_MODEL: 'gpt-5.5', OPENAI_API: 'responses' });
    kept = await startKept(site, 'start');
    const api = chatApi(() => kept?.url ?? '');
    const { messageId } = await api.post('what does src/one.ts say?', 1);
    const answer = await until('an answer', async () => (await api.messages(1)).find(({ answers }) => answers?.includes(messageId)));
    assert.equal(answer.text, 'It says first.');
    assert.deepEqual(peer.broken, []);
    const second = JSON.stringify(peer.requests[1]?.input);
    assert.match(second, /sealed-1.*TODO: first/);
    assert.equal(
      peer.requests.every(({ store }) => store === false),
      true,
    );
  });

  it('refuses to start with a package that is not installed, and says how to install it', async () => {
    site = await makeSite({ KEPT_MODELS: 'ai-sdk:google/gemini-3-pro' });
    const { status, stdout } = spawnSync(process.execPath, [KEPT, 'config', 'check'], { cwd: site.root, env: site.env, encoding: 'utf8' });
    assert.equal(status, 78, stdout);
    assert.match(stdout, /names the package @ai-sdk\/google, which is not installed/);
    assert.match(stdout, /npm install @ai-sdk\/google/);
  });
});
