import { strict as assert } from 'node:assert';
import { setTimeout as wait } from 'node:timers/promises';
import { openMessagesPeer, type PeerReply } from '../fakes/anthropic/peer.ts';
import type { Block } from '../fakes/anthropic/shape.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { makeSite, startKept } from '../support/kept-process.ts';

/** How long it thinks at each step of its promise; above 60,000 is longer than a model may be silent. */
const THINKS_MS = Number(process.env.KEPT_TEST_THINKS_MS ?? 0);
const CHAT = 1;

const thinking = (n: number): Block => ({ type: 'thinking', thinking: '', signature: `S${n}` });
const redacted: Block = { type: 'redacted_thinking', data: 'D' };
const say = (text: string): Block => ({ type: 'text', text });
const use = (id: string, name: string, input: Record<string, unknown>): Block => ({ type: 'tool_use', id, name, input });
const thinksLong: PeerReply['thinks'] = async (ping) => {
  ping();
  for (let waited = 0; waited < THINKS_MS; waited += 5_000) {
    await wait(5_000);
    ping();
  }
};

describe('a whole Kept with a model that thinks for long and shows nothing of it', function () {
  this.timeout(60_000 + 2 * THINKS_MS);

  it('keeps its promise with one call for each step, and every request is as the API takes it', async () => {
    const work = say('src/one.ts has one TODO comment: first.');
    await using peer = await openMessagesPeer([
      { content: [thinking(1), redacted, use('toolu_1', 'make_promise', { description: 'Count the TODO comments in src/one.ts' })] },
      { content: [thinking(2), say('Promise #1 is made.')] },
      { thinks: thinksLong, content: [thinking(3), say('I read it.\n'), use('toolu_2', 'read_file', { path: 'src/one.ts' })] },
      { thinks: thinksLong, content: [thinking(4), redacted, work] },
      { content: [thinking(5), say('It is the first one.')] },
    ]);
    const site = await makeSite({ ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: peer.url });
    const kept = await startKept(site, 'start');
    try {
      const api = chatApi(() => kept.url);
      await api.post('in the background, count the TODO comments in src/one.ts', CHAT);
      await until(
        'the promise is kept',
        async () => (await api.promises()).find(({ status }) => status === 'completed'),
        50_000 + 2 * THINKS_MS,
      );
      await until('its result is told', async () => (await api.messages(CHAT)).find(({ text }) => text.includes('has one TODO comment')));
      await api.post('which one?', CHAT);
      await until('the next answer', async () => (await api.messages(CHAT)).find(({ text }) => text === 'It is the first one.'));

      assert.deepEqual(peer.broken, []);
      assert.equal(peer.requests.length, 5, 'one call for each step');
      const efforts = peer.requests.map(({ output_config: output, max_tokens: tokens }) => `${output?.effort} ${tokens}`);
      assert.deepEqual(efforts, ['medium 32000', 'medium 32000', 'high 64000', 'high 64000', 'medium 32000']);
      assert.ok(!JSON.stringify(peer.requests[4]).includes('thinking'), 'the next turn leaves thoughts out');
      assert.deepEqual(
        (await api.promises()).map(({ attempts, resultSummary }) => [attempts, resultSummary]),
        [[1, work.type === 'text' ? work.text : '']],
      );
    } finally {
      await kept.stop();
      await site.remove();
    }
  });
});
