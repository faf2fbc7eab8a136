import { LLMock } from '@copilotkit/aimock';
import { expect } from 'chai';
import type { LanguageModel } from '../../../src/ports/language-model.ts';
import { aRequest, ask, itMapsTransportFailures, sse } from '../../support/model-peer.ts';
import { end, makeModel, READ_FILE, start, text, textStart } from './harness.ts';

describe('Anthropic model over the real SDK', () => {
  describe('against a server that speaks the Messages API', () => {
    const mock = new LLMock({ port: 0 });
    let model: LanguageModel;
    before(async () => {
      await mock.start();
      model = makeModel(mock.url);
    });
    after(() => mock.stop());
    afterEach(() => mock.reset());

    it('streams text as it arrives and gives the whole of it in the reply', async () => {
      mock.onMessage('hello', { content: 'Good morning to you, and a good day besides.' }, { chunkSize: 5 });
      const { reply, events } = await ask(model);
      expect(reply).to.deep.include({
        text: 'Good morning to you, and a good day besides.',
        toolCalls: [],
        stop: 'end',
        model: 'claude-test',
      });
      expect(events.filter(({ type }) => type === 'text').length).to.be.above(3);
    });

    it('passes tool calls on, and takes their results back', async () => {
      mock.on(
        { userMessage: 'hello', hasToolResult: false },
        { toolCalls: [{ id: 'toolu_a', name: 'read_file', arguments: '{"path":"a.ts"}' }] },
      );
      mock.on({ toolCallId: 'call00001' }, { content: 'It is empty.' });
      const request = aRequest({ tools: [READ_FILE] });
      const first = await ask(model, request);
      expect(first.reply).to.deep.include({
        stop: 'tool_calls',
        toolCalls: [{ id: 'toolu_a', tool: 'read_file', input: { path: 'a.ts' } }],
      });
      const { reply } = await ask(model, {
        ...request,
        conversation: [
          ...request.conversation,
          { role: 'agent', text: '', toolCalls: first.reply?.toolCalls ?? [] },
          { role: 'tool', callId: 'toolu_a', tool: 'read_file', output: '', isError: false },
        ],
      });
      expect(reply?.text).to.equal('It is empty.');
    });

    for (const [status, type, code] of [
      [429, 'rate_limit_error', 'rate-limited'],
      [529, 'overloaded_error', 'unavailable'],
    ] as const)
      it(`${status} ${type} is ${code}`, async () => {
        mock.nextRequestError(status, { type, message: 'busy' });
        expect((await ask(model)).error).to.include({ code, retryable: true });
      });

    it('a stream that is cut rejects', async () => {
      mock.onMessage('hello', { content: 'Good morning to you, and a good day besides.' }, { chunkSize: 5, truncateAfterChunks: 3 });
      expect((await ask(model)).error).to.include({ retryable: true });
    });
  });

  describe('when the other side fails', () => {
    itMapsTransportFailures(makeModel, {
      start: sse([start, textStart, text('Hel')], true),
      waiting: sse([{ type: 'ping' }], true),
      end: sse([text('lo'), ...end('end_turn')], true),
    });
  });
});
