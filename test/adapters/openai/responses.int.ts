import { expect } from 'chai';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { makeRunAgent } from '../../../src/application/index.ts';
import type { Agent } from '../../../src/domain/index.ts';
import type { LanguageModel, Tool } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingEvents, makeScriptedModel, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { openChatPeer } from '../../fakes/openai/peer.ts';
import { called, eventsOf, openResponsesPeer, type ResponsesReply, said, thought } from '../../fakes/openai/responses-peer.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { listenHttp } from '../../support/loopback.ts';
import { aRequest, ask, sse } from '../../support/model-peer.ts';
import { takingTurns } from '../../support/taking-turns.ts';

const modelAt = (baseUrl: string, events = makeRecordingEvents()): LanguageModel =>
  makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl }), model: 'gpt-5.5', api: 'responses', events });

const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: { path: { type: 'string' } } } };
let ran = 0;
const look: Tool = {
  ...LOOK,
  effect: 'reads',
  activity: 'looking',
  timeoutMs: 30_000,
  run: async () => {
    ran++;
    return { output: 'seen', isError: false };
  },
};
const agent: Agent = {
  name: 'tester',
  description: '',
  instructions: 'Be brief.',
  tools: ['look'],
  limits: { maxSteps: 4, maxOutputTokens: 64_000, effort: 'high' },
};
const run = (model: LanguageModel) =>
  makeRunAgent({ ...modelAndTools(model, [look]), events: makeRecordingEvents(), clock: makeFixedClock(), redact: (text) => text })(agent, {
    conversation: [{ role: 'person', name: 'Ada', text: 'hello' }],
    situation: 'It is a chat.',
    context: {
      chatId: telegramChat(501),
      chatKind: 'direct',
      requestedBy: { id: telegramUser(501) },
      scope: { directory: '/srv' },
      signal: new AbortController().signal,
    },
  });

/** What a model makes of these events. */
const readStream = async (events: readonly object[]) => {
  const { url, close } = await listenHttp(
    (_, response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(events, true)),
  );
  try {
    return await ask(modelAt(`${url}/v1`), aRequest({ tools: [LOOK] }));
  } finally {
    await close();
  }
};
const events = (reply: Extract<ResponsesReply, { output: unknown }>) => eventsOf(reply, 'gpt-5.5');
const failed = (code: string, message = 'because') => [
  {
    type: 'response.failed',
    response: { object: 'response', status: 'failed', output: [], error: { code, message }, usage: { input_tokens: 20, output_tokens: 5 } },
  },
];

describe('Runs of an agent over the Responses API', () => {
  beforeEach(() => {
    ran = 0;
  });

  it('return thoughts as they came, each before its call, to the last step, and store nothing', async () => {
    await using peer = await openResponsesPeer([
      { output: [thought(1), said('I look.'), called('call_1', { path: 'a' }), thought(2), called('call_2', { path: 'b' })] },
      { output: [called('call_3')] },
      { output: [thought(4), called('call_4')] },
      { output: [thought(5), said('Done.')] },
    ]);
    const { text, steps } = await run(modelAt(peer.url));
    expect(peer.broken).to.deep.equal([]);
    expect(text).to.equal('Done.');
    const last = peer.requests.at(-1);
    expect(last?.input.flatMap((item) => (item.type === 'reasoning' ? [item.encrypted_content] : []))).to.deep.equal([
      'sealed-1',
      'sealed-2',
      'sealed-4',
    ]);
    expect(last).to.deep.include({ store: false, reasoning: { effort: 'high' }, tool_choice: 'none', max_output_tokens: 64_000 });
    expect(last?.include).to.deep.equal(['reasoning.encrypted_content']);
    expect(JSON.stringify(steps)).not.to.include('sealed');
    expect(ran).to.equal(4);
  });

  it('stay valid where another model takes a step in the middle', async () => {
    await using peer = await openResponsesPeer([
      { output: [thought(1), called('call_1')] },
      { output: [thought(2), called('call_2')] },
      { output: [thought(3), said('Done.')] },
    ]);
    const own = modelAt(peer.url);
    const other = makeScriptedModel([{ text: 'I, too.', toolCalls: [{ id: 'call_1', tool: 'look', input: {} }] }]);
    const model = takingTurns(own, other, own, own);
    expect((await run(model)).text).to.equal('Done.');
    expect(peer.broken).to.deep.equal([]);
  });

  it('go on over Chat Completions at a server without Responses, say so once, and send no thought there', async () => {
    const calls = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
    const peer = await openChatPeer((_, n) =>
      n === 1
        ? [{ choices: [{ index: 0, delta: { tool_calls: [calls] }, finish_reason: 'tool_calls' }] }]
        : [{ choices: [{ index: 0, delta: { content: 'Done.' }, finish_reason: 'stop' }] }],
    );
    try {
      const told = makeRecordingEvents();
      expect((await run(modelAt(peer.url, told))).text).to.equal('Done.');
      expect(peer.broken).to.deep.equal([]);
      expect(told.of('model-server-noticed').map(({ notice }) => notice)).to.deep.equal(['responses-refused']);
    } finally {
      await peer.close();
    }
  });
});

describe('Replies over the Responses API', () => {
  it('count each token once, and name the model as the server does', async () => {
    const { reply } = await readStream(events({ output: [thought(1), said('Hello.')] }));
    expect(reply).to.deep.equal({
      text: 'Hello.',
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 7, cacheWriteTokens: 3 },
      model: 'gpt-5.5-2026',
    });
  });

  it('keep texts of several items apart', async () => {
    expect((await readStream(events({ output: [said('I look.'), said('There.', 2)] }))).reply?.text).to.equal('I look.\n\nThere.');
  });

  for (const [reason, stop] of [
    ['max_output_tokens', 'length'],
    ['content_filter', 'refusal'],
  ] as const)
    it(`run no call of a reply that ended by ${reason}`, async () => {
      const { reply } = await readStream(events({ output: [thought(1), said('I'), called('call_1')], incomplete: reason }));
      expect(reply).to.deep.include({ stop, toolCalls: [] }).and.not.to.have.property('attached');
    });

  it('run no call whose item was cut', async () => {
    const cut = { ...called('call_1'), status: 'incomplete' as const, arguments: '{"path":"a' };
    expect((await readStream(events({ output: [said('Well.'), cut] }))).reply).to.deep.include({ stop: 'end', toolCalls: [] });
  });

  it('tell a refusal of the model, in its words', async () => {
    const item = { ...said(''), content: [{ type: 'refusal' as const, refusal: "I can't help with that." }] };
    expect((await readStream(events({ output: [item] }))).reply).to.include({ stop: 'refusal', refusal: "I can't help with that." });
  });

  it('hand on arguments that are no JSON, and give them back as an object', async () => {
    const { reply } = await readStream(events({ output: [thought(1), { ...called('call_1'), arguments: '{"path"' }] }));
    expect(reply?.toolCalls).to.deep.equal([{ id: 'call_1', tool: 'look', input: '{"path"' }]);
    expect(JSON.stringify(reply?.attached)).to.include('invalid_input');
  });

  it('are read from a whole response in place of a stream', async () => {
    const whole = events({ output: [said('Hello.')] }).at(-1)?.response;
    const { url, close } = await listenHttp(
      (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole)),
    );
    expect((await ask(modelAt(`${url}/v1`))).reply?.text).to.equal('Hello.');
    await close();
  });

  for (const [code, failure, retryable] of [
    ['server_error', 'unavailable', true],
    ['rate_limit_exceeded', 'rate-limited', true],
    ['invalid_image', 'invalid-request', false],
  ] as const)
    it(`fail as ${failure} by ${code}, with what they had used`, async () => {
      const { error } = await readStream([...events({ output: [said('Hel')], hangs: true }), ...failed(code)]);
      expect(error).to.include({ code: failure, retryable });
      expect(error?.usage).to.deep.equal({ inputTokens: 20, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 0 });
    });

  it('are declined by a policy', async () => {
    expect((await readStream(failed('bio_policy'))).reply).to.include({ stop: 'refusal', refusal: 'bio policy' });
  });

  it('are asked for again in the way that a server knows: without a parameter, or with a nearer effort', async () => {
    const asked: { readonly reasoning?: { effort?: string }; readonly include?: unknown }[] = [];
    const { url, close } = await listenHttp(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      const sent = JSON.parse(body);
      asked.push(sent);
      const [message, param] =
        sent.reasoning?.effort === 'none'
          ? [
              "Unsupported value: 'none' is not supported with this model. Supported values are: 'low', 'medium', and 'high'.",
              'reasoning.effort',
            ]
          : sent.include
            ? ["Unsupported parameter: 'include' is not supported with this model.", 'include']
            : [];
      if (message)
        return void response
          .writeHead(400, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: { message, type: 'invalid_request_error', param, code: null } }));
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(sse(events({ output: [said('Hello.')] }), true));
    });
    const model = modelAt(`${url}/v1`);
    expect((await ask(model, aRequest({ effort: 'none' }))).reply?.text).to.equal('Hello.');
    expect(asked.map(({ reasoning, include }) => [reasoning?.effort, include !== undefined])).to.deep.equal([
      ['none', true],
      ['low', true],
      ['low', false],
    ]);
    await close();
  });
});
