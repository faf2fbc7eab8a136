import { LLMock } from '@copilotkit/aimock';
import { expect } from 'chai';
import { getLocal } from 'mockttp';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { type LanguageModel, MAX_REPLY_LENGTH } from '../../../src/ports/language-model.ts';
import { aRequest, ask, itMapsTransportFailures, replySse, sse } from '../../support/model-peer.ts';

const makeModel = (baseUrl: string): LanguageModel =>
  makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl }), model: 'gpt-test' });

const READ_FILE = {
  name: 'read_file',
  description: 'Reads a file',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
};

const delta = (part: object, finish: string | null = null) => ({
  model: 'gpt-test-1',
  choices: [{ index: 0, delta: part, finish_reason: finish }],
});
const call = (part: object) => delta({ tool_calls: [part] });
const usage = {
  choices: [],
  usage: { prompt_tokens: 20, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 15, cache_write_tokens: 2 } },
};

describe('OpenAI model over the real SDK', () => {
  describe('against a server that speaks Chat Completions', () => {
    const mock = new LLMock({ port: 0 });
    let model: LanguageModel;
    before(async () => {
      await mock.start();
      model = makeModel(`${mock.url}/v1`);
    });
    after(() => mock.stop());
    afterEach(() => mock.reset());

    it('streams text as it arrives and gives the whole of it in the reply', async () => {
      mock.onMessage('hello', { content: 'Good morning to you, and a good day besides.' }, { chunkSize: 5 });
      const { reply, events } = await ask(model);
      expect(reply).to.deep.include({ text: 'Good morning to you, and a good day besides.', toolCalls: [], stop: 'end' });
      expect(events.filter(({ type }) => type === 'text').length).to.be.above(3);
      expect(reply?.usage.outputTokens).to.be.above(0);
    });

    it('passes parallel tool calls on, and takes their results back', async () => {
      const toolCalls = ['a', 'b'].map((id) => ({ id: `call_${id}`, name: 'read_file', arguments: `{"path":"${id}.ts"}` }));
      mock.on({ userMessage: 'hello', hasToolResult: false }, { toolCalls });
      mock.on({ hasToolResult: true }, { content: 'Both are empty.' });
      const request = aRequest({ tools: [READ_FILE] });
      const first = await ask(model, request);
      expect(first.reply?.toolCalls).to.deep.equal([
        { id: 'call_a', tool: 'read_file', input: { path: 'a.ts' } },
        { id: 'call_b', tool: 'read_file', input: { path: 'b.ts' } },
      ]);
      const results = ['call_a', 'call_b'].map(
        (callId) => ({ role: 'tool', callId, tool: 'read_file', output: '', isError: false }) as const,
      );
      const second = await ask(model, {
        ...request,
        conversation: [...request.conversation, { role: 'agent', text: '', toolCalls: first.reply?.toolCalls ?? [] }, ...results],
      });
      expect(second.reply?.text).to.equal('Both are empty.');
    });

    it('429 is rate-limited', async () => {
      mock.nextRequestError(429, { type: 'rate_limit_error', message: 'busy' });
      expect((await ask(model)).error).to.include({ code: 'rate-limited', retryable: true });
    });

    it('a stream that is cut rejects', async () => {
      mock.onMessage('hello', { content: 'Good morning to you, and a good day besides.' }, { chunkSize: 5, truncateAfterChunks: 3 });
      expect((await ask(model)).error).to.include({ retryable: true });
    });
  });

  describe('against raw streams', () => {
    const peer = getLocal();
    beforeEach(() => peer.start());
    afterEach(() => peer.stop());
    const answer = async (...chunks: object[]) => {
      const endpoint = await replySse(peer, sse([...chunks, '[DONE]']));
      return { ...(await ask(makeModel(peer.url), aRequest({ tools: [READ_FILE] }))), endpoint };
    };

    it('counts each token once: the cached ones apart', async () => {
      const { reply } = await answer(delta({ content: 'Hi' }), delta({}, 'stop'), usage);
      expect(reply?.usage).to.deep.equal({ inputTokens: 3, outputTokens: 4, cacheReadTokens: 15, cacheWriteTokens: 2 });
      expect(reply?.model).to.equal('gpt-test-1');
    });

    it('does without usage, and without [DONE] once the reply is complete', async () => {
      await replySse(peer, sse([delta({ content: 'Hi' }), delta({}, 'stop')]));
      const { reply } = await ask(makeModel(peer.url));
      expect(reply).to.deep.include({ text: 'Hi', usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 } });
    });

    it('stops reading a text that does not end, and replies with its beginning', async () => {
      const { reply, error } = await answer(
        ...Array.from({ length: 300 }, () => delta({ content: 'x'.repeat(10_000) })),
        delta({}, 'stop'),
      );
      expect(error).to.equal(undefined);
      expect(reply).to.deep.include({ text: 'x'.repeat(MAX_REPLY_LENGTH), stop: 'length', toolCalls: [] });
    });

    it('reads no more of the arguments of calls, and of calls, than it may', async () => {
      const part = { index: 0, id: 'c', function: { name: 'read_file', arguments: `{"path":"${'x'.repeat(3_000_000)}` } };
      const others = Array.from({ length: 12_000 }, (_, i) => ({
        index: i + 1,
        id: `c${i}`,
        function: { name: 'read_file', arguments: '{}' },
      }));
      const { reply } = await answer(call(part), delta({ tool_calls: others }), delta({}, 'tool_calls'));
      expect(reply?.toolCalls).to.have.length(10_000);
      expect(reply?.toolCalls[0]?.input).to.be.a('string').with.length(2_000_000);
    });

    it('never returns a tool call that was cut', async () => {
      for (const [finish, stop] of [
        ['length', 'length'],
        ['content_filter', 'refusal'],
      ] as const) {
        peer.reset();
        const cut = call({ index: 0, id: 'c', function: { name: 'read_file', arguments: '{"path":"/et' } });
        const { reply } = await answer(delta({ content: 'I' }), cut, delta({}, finish));
        expect(reply).to.deep.include({ stop, toolCalls: [], text: 'I' });
      }
    });

    it('puts calls together that come in pieces, by index', async () => {
      const { reply } = await answer(
        call({ index: 0, id: 'a', function: { name: 'read_file', arguments: '' } }),
        call({ index: 1, id: 'b', function: { name: 'list_files', arguments: '{}' } }),
        call({ index: 0, function: { arguments: '{"path":' } }),
        call({ index: 0, function: { arguments: '"x"}' } }),
        delta({}, 'tool_calls'),
      );
      expect(reply?.toolCalls).to.deep.equal([
        { id: 'a', tool: 'read_file', input: { path: 'x' } },
        { id: 'b', tool: 'list_files', input: {} },
      ]);
    });

    it('tells calls apart that lack ids and indices, and numbers them', async () => {
      const { reply } = await answer(
        call({ function: { name: 'read_file', arguments: '{"path":' } }),
        call({ function: { arguments: '"x"}' } }),
        call({ function: { name: 'read_file', arguments: '{"path":"y"}' } }),
        delta({}, 'stop'),
      );
      expect(reply?.stop).to.equal('tool_calls');
      expect(reply?.toolCalls.map(({ input }) => input)).to.deep.equal([{ path: 'x' }, { path: 'y' }]);
      expect(new Set(reply?.toolCalls.map(({ id }) => id)).size).to.equal(2);
    });

    it('tells calls apart that all claim index 0, by their ids', async () => {
      const { reply } = await answer(
        call({ index: 0, id: 'a', function: { name: 'read_file', arguments: '{"path":"x"}' } }),
        call({ index: 0, id: 'b', function: { name: 'read_file', arguments: '{"path":"y"}' } }),
        delta({}, 'tool_calls'),
      );
      expect(reply?.toolCalls.map(({ id, input }) => [id, input])).to.deep.equal([
        ['a', { path: 'x' }],
        ['b', { path: 'y' }],
      ]);
    });

    it('hands arguments that are no JSON to the tool as they are', async () => {
      const { reply } = await answer(
        call({ index: 0, id: 'a', function: { name: 'read_file', arguments: '{"path":oops}' } }),
        delta({}, 'tool_calls'),
      );
      expect(reply?.toolCalls).to.deep.equal([{ id: 'a', tool: 'read_file', input: '{"path":oops}' }]);
    });

    it('a refusal is told as such', async () => {
      const { reply } = await answer(delta({ refusal: 'I will not.' }), delta({}, 'stop'));
      expect(reply).to.deep.include({ stop: 'refusal', text: '', refusal: 'I will not.' });
    });

    for (const [error, code] of [
      [{ message: 'slow down', code: 'rate_limit_exceeded' }, 'rate-limited'],
      [{ message: 'out of memory', code: 500 }, 'unavailable'],
      [{ message: 'bad schema', type: 'invalid_request_error' }, 'invalid-request'],
      [{ message: 'pay', code: 'insufficient_quota' }, 'out-of-credit'],
    ] as const)
      it(`an error in mid-stream (${error.message}) is ${code}`, async () => {
        expect((await answer(delta({ content: 'Hi' }), { error })).error).to.include({ code });
      });

    it('a spent quota is no rate limit: waiting does not cure it', async () => {
      await peer.forAnyRequest().thenJson(429, { error: { code: 'insufficient_quota', message: 'pay' } });
      expect((await ask(makeModel(peer.url))).error).to.include({ code: 'out-of-credit', retryable: false });
    });

    it('a model or an address that is not there is no fault of the request', async () => {
      for (const body of [{ error: { code: 'model_not_found', message: 'no such model' } }, { detail: 'no such path' }]) {
        peer.reset();
        await peer.forAnyRequest().thenJson(404, body);
        expect((await ask(makeModel(peer.url))).error).to.include({ code: 'not-found', retryable: false });
      }
    });

    it('asks for streaming with usage, limits the answer, and sends no key where none is given', async () => {
      const endpoint = await replySse(peer, sse([delta({ content: 'Hi' }), delta({}, 'stop')]));
      const client = createOpenAiClient({ baseUrl: peer.url });
      await ask(
        makeOpenAiModel({ client, model: 'llama', name: 'local/llama', limitNames: ['max_tokens'] }),
        aRequest({ tools: [READ_FILE] }),
      );
      const [seen] = await endpoint.getSeenRequests();
      expect(seen?.headers.authorization).to.equal(undefined);
      expect(await seen?.body.getJson()).to.deep.equal({
        model: 'llama',
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 1000,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hello' },
        ],
        tools: [{ type: 'function', function: { name: 'read_file', description: 'Reads a file', parameters: READ_FILE.inputSchema } }],
      });
    });
  });

  describe('when the other side fails', () => {
    itMapsTransportFailures(makeModel, {
      start: sse([delta({ role: 'assistant', content: 'Hel' })]),
      end: sse([delta({ content: 'lo' }), delta({}, 'stop'), '[DONE]']),
    });
  });
});
