import { expect } from 'chai';
import { getLocal } from 'mockttp';
import { MAX_REPLY_LENGTH, type ModelEvent } from '../../../src/ports/language-model.ts';
import { aPicture } from '../../support/media.ts';
import { aRequest, ask, replySse, sse } from '../../support/model-peer.ts';
import { end, json, makeModel, READ_FILE, start, text, textStart, toolStart } from './harness.ts';

describe('Anthropic model over the real SDK', () => {
  describe('against raw streams', () => {
    const peer = getLocal();
    beforeEach(() => peer.start());
    afterEach(() => peer.stop());
    const answer = async (...events: object[]) => {
      const endpoint = await replySse(peer, sse(events, true));
      return { ...(await ask(makeModel(peer.url), aRequest({ tools: [READ_FILE] }))), endpoint };
    };

    it('counts usage with the cache apart', async () => {
      const { reply } = await answer(start, textStart, text('Hi'), ...end('end_turn'));
      expect(reply?.usage).to.deep.equal({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 7, cacheWriteTokens: 3 });
      expect(reply?.model).to.equal('claude-test-1');
    });

    it('stops reading a text that does not end, and replies with its beginning', async () => {
      const { reply, error } = await answer(
        start,
        textStart,
        ...Array.from({ length: 300 }, () => text('x'.repeat(10_000))),
        ...end('end_turn'),
      );
      expect(error).to.equal(undefined);
      expect(reply).to.deep.include({ text: 'x'.repeat(MAX_REPLY_LENGTH), stop: 'length', toolCalls: [], model: 'claude-test-1' });
    });

    it('reads no more of the arguments of calls than it may', async () => {
      const { reply } = await answer(start, toolStart, ...Array.from({ length: 3 }, () => json('x'.repeat(1_000_000))), ...end('tool_use'));
      expect(reply?.toolCalls[0]?.input).to.be.a('string').with.length(2_000_000);
    });

    it('never returns a tool call that max_tokens cut, nor one beside any other stop reason', async () => {
      for (const [reason, stop] of [
        ['max_tokens', 'length'],
        ['refusal', 'refusal'],
        ['end_turn', 'end'],
      ] as const) {
        peer.reset();
        const { reply } = await answer(start, textStart, text('I'), toolStart, json('{"path":"/et'), ...end(reason));
        expect(reply).to.deep.include({ stop, toolCalls: [], text: 'I' });
      }
    });

    it('hands arguments that are no JSON to the tool as they are', async () => {
      const { reply, events } = await answer(start, toolStart, json('{"path":'), json('oops}'), ...end('tool_use'));
      expect(reply?.toolCalls).to.deep.equal([{ id: 'toolu_1', tool: 'read_file', input: '{"path":oops}' }]);
      expect(events.map(({ type }) => type)).to.include('activity');
    });

    it('a call without arguments has an empty input', async () => {
      const { reply } = await answer(start, toolStart, ...end('tool_use'));
      expect(reply?.toolCalls[0]?.input).to.deep.equal({});
    });

    it('a stop for tools without a tool, or for a new reason, is an answer where there is text, else malformed', async () => {
      for (const reason of ['tool_use', 'new_reason']) {
        expect((await answer(start, ...end(reason))).error).to.include({ code: 'malformed-reply' });
        peer.reset();
        expect((await answer(start, textStart, text('Hi'), ...end(reason))).reply).to.deep.include({ text: 'Hi', stop: 'end' });
        peer.reset();
      }
    });

    for (const reason of ['end_turn', 'stop_sequence', 'new_reason'])
      it(`runs a whole call beside the stop reason ${reason}`, async () => {
        const { reply } = await answer(start, toolStart, json('{"path":'), json('"a.ts"}'), ...end(reason));
        expect(reply).to.deep.include({
          stop: 'tool_calls',
          toolCalls: [{ id: 'toolu_1', tool: 'read_file', input: { path: 'a.ts' } }],
        });
      });

    for (const [reason, stop] of [
      ['end_turn', 'end'],
      ['stop_sequence', 'end'],
      ['max_tokens', 'length'],
      ['model_context_window_exceeded', 'length'],
      ['pause_turn', 'length'],
      ['refusal', 'refusal'],
      ['content_filter', 'refusal'],
      ['sensitive', 'refusal'],
      ['guardrail_intervened', 'refusal'],
      ['length', 'length'],
      ['stop', 'end'],
    ] as const)
      it(`the stop reason ${reason} is ${stop}`, async () => {
        expect((await answer(start, textStart, text('Hi'), ...end(reason))).reply).to.deep.include({ text: 'Hi', stop });
      });

    it('takes a reply that its server broke off for none', async () => {
      const { error } = await answer(start, textStart, text('Half'), ...end('network_error'));
      expect(error).to.include({ code: 'malformed-reply', retryable: true });
    });

    it('a filter that stops the reply, or refuses the request, declines it', async () => {
      const error = { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' };
      const { reply } = await answer(start, textStart, text('Half of'), { type: 'error', error });
      expect(reply).to.deep.include({ stop: 'refusal', refusal: 'content filter', toolCalls: [] });
      expect(reply?.usage.inputTokens, 'what it had used counts').to.be.greaterThan(0);
    });

    it('tells what a refusal is about', async () => {
      const refused = (details: object) => ({
        type: 'message_delta',
        delta: { stop_reason: 'refusal', stop_details: { type: 'refusal', ...details } },
        usage: { output_tokens: 5 },
      });
      const { reply } = await answer(start, textStart, text('Sure'), refused({ category: 'bio', explanation: 'Lab methods.' }));
      expect(reply).to.include({ stop: 'refusal', refusal: 'bio: Lab methods.' });
      peer.reset();
      expect((await answer(start, refused({ category: 'cyber', explanation: null }))).reply).to.include({ text: '', refusal: 'cyber' });
    });

    it('passes over events, blocks and deltas of types that it does not know', async () => {
      const { reply } = await answer(
        { type: 'new_event', index: 'x' },
        start,
        { type: 'content_block_start', index: 0, content_block: { type: 'new_block', secret: 'x' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'new_delta', text: 'x' } },
        { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'citations_delta', citation: {} } },
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Hi' } },
        ...end('end_turn'),
      );
      expect(reply).to.deep.include({ text: 'Hi', stop: 'end', toolCalls: [] });
    });

    it('reads replies of servers that leave out fields, also the reason to stop', async () => {
      const block = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block });
      const delta = (index: number, part: object) => ({ type: 'content_block_delta', index, delta: part });
      const bare = await answer({ type: 'message_start' }, block(0, { type: 'text' }), text('Hi'), { type: 'message_stop' });
      expect(bare.reply).to.deep.include({ text: 'Hi', stop: 'end', model: 'anthropic/claude-test' });
      peer.reset();
      const called = await answer(
        start,
        block(0, { type: 'thinking' }),
        delta(0, { type: 'thinking_delta', thinking: 'hm' }),
        delta(0, { type: 'text_delta' }),
        block(1, { type: 'tool_use', name: 'read_file' }),
        ...end('tool_use'),
      );
      expect(called.reply?.toolCalls).to.deep.equal([{ id: '', tool: 'read_file', input: {} }]);
      expect(called.reply?.attached?.content).to.deep.equal([
        { type: 'thinking', thinking: 'hm', signature: '' },
        { type: 'tool_use', id: '', name: 'read_file', input: {} },
      ]);
    });

    it('tells blocks apart that all claim one index', async () => {
      const use = (id: string, path: string) => [
        { ...toolStart, index: 0, content_block: { ...toolStart.content_block, id } },
        { ...json(`{"path":"${path}"}`), index: 0 },
        { type: 'content_block_stop', index: 0 },
      ];
      const { reply } = await answer(start, textStart, text('I look.'), ...use('a', 'a.ts'), ...use('b', 'b.ts'), ...end('tool_use'));
      expect(reply).to.deep.include({
        text: 'I look.',
        toolCalls: [
          { id: 'a', tool: 'read_file', input: { path: 'a.ts' } },
          { id: 'b', tool: 'read_file', input: { path: 'b.ts' } },
        ],
      });
    });

    it('keeps what was counted where the stream ends with zeros', async () => {
      const zeros = { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
      const [delta] = end('end_turn');
      const { reply } = await answer(start, textStart, text('Hi'), ...end('end_turn'), { ...delta, usage: zeros });
      expect(reply?.usage).to.deep.equal({ inputTokens: 10, outputTokens: 5, cacheReadTokens: 7, cacheWriteTokens: 3 });
    });

    it('tells what a call had used that broke, failed in mid-stream or was aborted', async () => {
      const used = { inputTokens: 10, outputTokens: 0, cacheReadTokens: 7, cacheWriteTokens: 3 };
      expect((await answer(start, textStart, text('Hi'))).error?.usage).to.deep.equal(used);
      peer.reset();
      const failure = { type: 'error', error: { type: 'overloaded_error', message: 'busy' } };
      expect((await answer(start, textStart, text('Hi'), failure)).error?.usage).to.deep.equal(used);
      peer.reset();
      await replySse(peer, sse([start, textStart, text('Hi')], true));
      const abort = new AbortController();
      const onEvent = (event: ModelEvent) => event.type === 'text' && abort.abort();
      expect((await ask(makeModel(peer.url), aRequest(), { signal: abort.signal, onEvent })).error).to.deep.include({
        code: 'aborted',
        usage: used,
      });
      peer.reset();
      await peer.forAnyRequest().thenJson(529, { error: { type: 'overloaded_error', message: 'busy' } });
      expect((await ask(makeModel(peer.url))).error?.usage).to.equal(undefined);
    });

    it('passes thinking on as activity only', async () => {
      const thinking = { type: 'content_block_start', index: 1, content_block: { type: 'thinking', thinking: '', signature: '' } };
      const thought = { type: 'content_block_delta', index: 1, delta: { type: 'thinking_delta', thinking: 'hm' } };
      const { reply, events } = await answer(start, thinking, thought, textStart, text('Hi'), ...end('end_turn'));
      expect(reply?.text).to.equal('Hi');
      expect(events.filter(({ type }) => type === 'activity').length).to.be.above(1);
    });

    for (const [type, code, retryable] of [
      ['billing_error', 'out-of-credit', false],
      ['request_too_large', 'too-long', false],
      ['overloaded_error', 'unavailable', true],
      ['api_error', 'unavailable', true],
      ['rate_limit_error', 'rate-limited', true],
      ['authentication_error', 'unauthorised', false],
      ['not_found_error', 'not-found', false],
      ['invalid_request_error', 'invalid-request', false],
    ] as const)
      it(`an ${type} in mid-stream is ${code}`, async () => {
        const { error } = await answer(start, textStart, text('Hi'), { type: 'error', error: { type, message: 'mid-stream' } });
        expect(error).to.include({ code, retryable });
      });

    it('an error in mid-stream that speaks of a picture is no reason to ask again without it: people have seen the text', async () => {
      const error = { type: 'invalid_request_error', message: 'Could not process image' };
      const endpoint = await replySse(peer, sse([start, textStart, text('Hi'), { type: 'error', error }], true));
      const conversation = [{ role: 'person', name: 'Ada', text: 'What is this?', media: [aPicture()] }] as const;
      const asked = await ask(makeModel(peer.url), aRequest({ conversation }));
      expect(asked.error).to.include({ code: 'invalid-request' });
      expect(asked.streamed).to.equal('Hi');
      expect(await endpoint.getSeenRequests()).to.have.length(1);
    });

    it('a model or an address that is not there is no fault of the request', async () => {
      await peer.forAnyRequest().thenJson(404, { detail: 'Not Found' });
      expect((await ask(makeModel(peer.url))).error).to.include({
        code: 'not-found',
        retryable: false,
        message: 'anthropic/claude-test answered HTTP 404: {"detail":"Not Found"}',
      });
    });

    it('asks for streaming with cache points on the instructions and on what was said last', async () => {
      const { endpoint } = await answer(start, textStart, text('Hi'), ...end('end_turn'));
      const [seen] = await endpoint.getSeenRequests();
      const body = await seen?.body.getJson();
      const cached = { type: 'ephemeral' };
      expect(body).to.deep.equal({
        model: 'claude-test',
        stream: true,
        max_tokens: 1000,
        system: [{ type: 'text', text: 'Be brief.', cache_control: cached }],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'hello', cache_control: cached }] }],
        tools: [{ name: 'read_file', description: 'Reads a file', input_schema: READ_FILE.inputSchema }],
      });
    });

    it('declares tools that the conversation shows even where none is offered, and forbids them', async () => {
      const endpoint = await replySse(peer, sse([start, textStart, text('Hi'), ...end('end_turn')], true));
      await ask(
        makeModel(peer.url),
        aRequest({
          conversation: [
            { role: 'person', name: 'Ada', text: 'read it' },
            { role: 'agent', text: '', toolCalls: [{ id: 'a', tool: 'read_file', input: {} }] },
            { role: 'tool', callId: 'a', tool: 'read_file', output: 'x', isError: true },
          ],
        }),
      );
      const body = (await (await endpoint.getSeenRequests())[0]?.body.getJson()) as { tools: object[]; tool_choice: object };
      expect(body.tool_choice).to.deep.equal({ type: 'none' });
      expect(body.tools).to.have.length(1);
    });
  });
});
