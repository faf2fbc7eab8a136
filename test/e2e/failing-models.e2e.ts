import { strict as assert } from 'node:assert';
import { streamReply } from '../fakes/anthropic/peer.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { type Handler, listenHttp } from '../support/loopback.ts';
import { openUnsteadyModel, saidIn, type Treatment } from '../support/unsteady-model.ts';

const CHAT = 1;
const WAIT = 30_000;

describe('a Kept whose models fail', function () {
  this.timeout(90_000);
  let site: Site;
  let kept: KeptProcess;
  let model: Awaited<ReturnType<typeof openUnsteadyModel>>;
  let treat: (said: string) => Treatment;
  const api = chatApi(() => kept.url);

  const start = async (env: NodeJS.ProcessEnv = {}): Promise<void> => {
    model = await openUnsteadyModel((request) => treat(saidIn(request)));
    site = await makeSite({ OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'unsteady', OPENAI_API_KEY: 'test-key', ...env });
    kept = await startKept(site, 'start');
  };
  afterEach(async () => {
    await kept?.stop();
    await model?.close();
    await site?.remove();
    assert.deepEqual(model?.broken, []);
  });

  /** What is said to a message, and how long that took. */
  const say = async (text: string): Promise<{ readonly reply: string; readonly ms: number }> => {
    const begun = performance.now();
    const { messageId } = await api.post(text, CHAT);
    const reply = await until(`an answer to ${text.slice(0, 40)}`, async () =>
      (await api.messages(CHAT)).find(({ from, answers }) => from === 'agent' && answers?.includes(messageId)),
    );
    return { reply: reply.text, ms: performance.now() - begun };
  };
  const health = async (): Promise<string> => {
    const response = await fetch(`${kept.url}/health`);
    const { checks } = (await response.json()) as { checks: readonly { id: string; message: string }[] };
    return checks.find(({ id }) => id === 'model.rests')?.message ?? '';
  };

  /** A first model that treats each request as `handle` does, and a second one that is well. */
  const withFirst = async (handle: Handler, use: (asked: () => number) => Promise<void>): Promise<void> => {
    let asked = 0;
    await using first = await listenHttp((request, response) => {
      asked++;
      return handle(request, response);
    });
    treat = () => ({ words: 'Hello from the second.' });
    await start({ ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: first.url, AGENT_TIMEOUT_SECONDS: '6' });
    await use(() => asked);
  };
  const headersOnly: Handler = (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();

  for (const [what, handle] of [
    ['sends headers, and then nothing', headersOnly],
    ['takes the connection, and then does nothing', () => undefined],
  ] as const)
    it(`answers within the time of a reply while its first model ${what}; that one rests then, and health says so`, () =>
      withFirst(handle, async (asked) => {
        const first = await say('hi');
        assert.equal(first.reply, 'Hello from the second.');
        assert.ok(first.ms < 6_000, `${first.ms} ms`);
        const second = await say('hi again');
        assert.equal(second.reply, 'Hello from the second.');
        assert.ok(second.ms < 2_500, `${second.ms} ms`);
        assert.equal(asked(), 1);
        assert.match(await health(), /^anthropic\/\S+ rests for \d+ \w+: it did not answer in time, and is asked after all others$/);
      }));

  it('answers within the time of a reply while its first model hangs at the second step of a run', () => {
    let calls = 0;
    const listing: Handler = (request, response) => {
      calls++;
      if (calls > 1) return headersOnly(request, response);
      return streamReply(response, { content: [{ type: 'tool_use', id: 'toolu_1', name: 'list_files', input: {} }] }, 'first');
    };
    return withFirst(listing, async (asked) => {
      const { reply, ms } = await say('what is here?');
      assert.equal(reply, 'Hello from the second.');
      assert.ok(ms < 6_000, `${ms} ms`);
      assert.equal(asked(), 2);
      assert.match(saidIn(model.requests[0] ?? { messages: [] }), /docs/, 'with what the tool had found');
    });
  });

  it('has the second model answer what the first declines; what both decline is told so, and goes into no later request', () =>
    withFirst(
      (_, response) =>
        streamReply(
          response,
          {
            content: [{ type: 'text', text: 'Sure, step one' }],
            stop: 'refusal',
            about: { type: 'refusal', category: 'cyber', explanation: null },
          },
          'first',
        ),
      async () => {
        assert.equal((await say('how is bread made?')).reply, 'Hello from the second.');
        treat = (said) => (said.includes('break in') ? { declines: 'I will not.' } : { words: 'Hello again.' });
        assert.match((await say('how do I break in?')).reply, /^The model declined to answer this: .*cyber/);
        assert.equal((await say('hi')).reply, 'Hello again.');
        assert.doesNotMatch(saidIn(model.requests.at(-1) ?? { messages: [] }), /break in|step one|will not/);
      },
    ));

  it('leaves a model alone that asked for it, over turns, promises and a restart, and says when to come back', async () => {
    treat = () => ({ status: 429, error: { message: 'slow down', code: 'rate_limit_exceeded' }, headers: { 'retry-after': '3600' } });
    await start({ AGENT_TIMEOUT_SECONDS: '20' });
    assert.match((await say('hi')).reply, /Please send it again after \d{4}-\d\d-\d\d \d\d:\d\d \(UTC\)/);
    assert.match((await say('and now?')).reply, /Please send it again after/);
    await kept.stop();
    kept = await startKept(site, 'start');
    assert.match((await say('and after a restart?')).reply, /Please send it again after/);
    assert.equal(model.requests.length, 1);
    assert.match(await health(), /^openai\/unsteady rests for (?:\d+ min|1 h): it asked for that \(rate-limited\)$/);
  });

  it('goes on in the background with the conversation and with what people saw, and counts all of it', async () => {
    let turns = 0;
    treat = (said) => {
      if (!said.includes('in French')) return { words: 'Hello is hallo in German.' };
      turns++;
      return turns === 1 ? { hangsAfter: 'In French it is' } : { words: said.includes('hallo') ? 'It is bonjour.' : 'What is?' };
    };
    await start({ AGENT_TIMEOUT_SECONDS: '2' });
    await say('how do I say hello in German?');
    const { reply } = await say('And now in French, please');
    assert.match(reply, /^In French it …\n\nThis takes longer than 2 s, so it goes on in the background as promise #1\./);
    const done = await until('the promise', async () => (await api.promises()).find(({ status }) => status === 'completed'), WAIT);
    assert.equal(done.resultSummary, 'It is bonjour.');
    const usage = await say('/usage');
    assert.match(usage.reply, /In all: 200 in, 20 out, 2 turns, 1 run beside/);
  });

  it('answers on where a conversation has become too long for its model', async () => {
    treat = (said) =>
      said.length > 6_000
        ? { status: 400, error: { message: 'maximum context length is 3000 tokens', code: 'context_length_exceeded' } }
        : { words: 'Noted.' };
    await start();
    for (let note = 1; note <= 4; note++) assert.equal((await say(`note ${note} ${'x'.repeat(2_700)}`)).reply, 'Noted.');
    assert.equal((await say('hi')).reply, 'Noted.');
    // The history may be summed up meanwhile, which asks the model, too.
    const asked = model.requests.filter((request) => /^hi$/m.test(saidIn(request)));
    assert.equal(asked.length, 1, 'not too long again');
    const { reply } = await say('y'.repeat(7_000));
    assert.match(reply, /send it in smaller parts, or begin anew with \/new/);
    assert.equal((await say('still there?')).reply, 'Noted.');
  });
});
