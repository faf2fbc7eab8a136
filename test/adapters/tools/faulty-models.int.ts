import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { makeLocalChat } from '../../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { systemClock as clock, systemRandomness as randomness } from '../../../src/adapters/system/index.ts';
import { DEFAULT_LOCAL_CHAT, makeKept, operatorOnly, type Tool } from '../../../src/index.ts';
import { streamReply } from '../../fakes/anthropic/peer.ts';
import { type Handler, listenHttp } from '../../support/loopback.ts';
import { refusal, SERVICE_FAULTS } from '../../support/service-faults.ts';

const BOUND_MS = 10_000;
const REPLY_MS = 3_000;
const KEY = 'sk-ant-the-key-of-the-product';

/** What a person is told whose model calls a tool, and then meets these faults before it can answer. */
const run = async (faults: readonly Handler[]) => {
  const waiting = [...faults];
  let requests = 0;
  let calls = 0;
  await using server = await listenHttp(async (request, response) => {
    for await (const _ of request);
    requests++;
    if (requests === 1)
      return streamReply(response, { content: [{ type: 'tool_use', id: 'toolu_1', name: 'count', input: {} }] }, 'claude');
    const fault = waiting.shift();
    if (fault) return fault(request, response);
    return streamReply(response, { content: [{ type: 'text', text: 'I counted once.' }] }, 'claude');
  });
  const count: Tool = {
    name: 'count',
    description: 'Counts.',
    inputSchema: { type: 'object', properties: {} },
    effect: 'reads',
    activity: 'counting',
    timeoutMs: 5_000,
    run: async () => ({ output: `counted ${++calls}`, isError: false }),
  };
  const storage = makeMemoryStorage();
  const chat = makeLocalChat({ ...storage, clock, randomness });
  const kept = makeKept({
    ...storage,
    storage,
    model: makeAnthropicModel({ client: createAnthropicClient({ apiKey: KEY, baseUrl: server.url }), model: 'claude-sonnet-5-5' }),
    gateways: [chat],
    clock,
    randomness,
    policy: operatorOnly('/tmp'),
    tools: [count],
    builtInTools: [],
    turns: { replyTimeoutMs: REPLY_MS },
  });
  await kept.start();
  const told = Promise.withResolvers<string>();
  const end = chat.subscribe(
    DEFAULT_LOCAL_CHAT,
    (event) => event.type === 'message' && event.message.from === 'agent' && told.resolve(event.message.text),
    0,
  );
  const startedAt = performance.now();
  try {
    await chat.post(DEFAULT_LOCAL_CHAT, 'count');
    const text = await told.promise;
    return { text, ms: performance.now() - startedAt, requests: () => requests, calls: () => calls };
  } finally {
    end();
    await kept.stop(0);
  }
};

const BROKEN =
  /^I could not answer this: .* ended its stream before the reply was complete\nNothing was changed\. Please send it again later\.$/;
const WORDS: Readonly<Record<string, RegExp>> = {
  '401': /refused the credentials \(HTTP 401\)\nNothing was changed\. Sending it again will not help/,
  '429 with Retry-After: 3600': /HTTP 429: because-of-this\nNothing was changed\. Please send it again after \d{4}-\d\d-\d\d/,
  '529 for ever': /HTTP 529: because-of-this\nNothing was changed\. Please send it again later/,
  'a stall after the headers': /^This takes longer than 3 s, so it goes on in the background as promise #1\./,
  'a cut in mid-stream, again and again': /can't be reached, or the connection broke\nNothing was changed/,
  'HTML with 200': /a web page answers there, and no model\nNothing was changed/,
  'a body without an end': /the answer has no end: it is longer than any may be, and was given up\nNothing was changed/,
};

describe('A model that fails after a tool has run', () => {
  for (const [what, fault] of SERVICE_FAULTS)
    it(`by ${what}: one answer in words, in time, and the tool ran once`, async function () {
      this.timeout(BOUND_MS);
      const { text, ms, calls } = await run(Array.from({ length: 30 }, () => fault));
      expect(text)
        .to.match(WORDS[what] ?? BROKEN)
        .and.not.include(KEY);
      expect(calls()).to.equal(1);
      expect(ms).to.be.below(BOUND_MS);
    });

  it('by 529 twice: the answer comes, and the tool ran once', async () => {
    const { text, calls, requests } = await run([refusal(529), refusal(529)]);
    expect(text).to.equal('I counted once.');
    expect([calls(), requests()]).to.deep.equal([1, 4]);
  });
});
