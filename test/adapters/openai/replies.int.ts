import { expect } from 'chai';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import type { ModelReply } from '../../../src/ports/language-model.ts';
import { ask, replySse, sse } from '../../support/model-peer.ts';
import { aCall, call, delta, HI, useReplies } from './reply-harness.ts';

describe('replies of OpenAI-compatible servers, over the real SDK', () => {
  const { peer, logger, answer, reply } = useReplies();

  describe('words for the end', () => {
    for (const [stop, words] of [
      ['end', ['stop', 'eos_token', 'eos', 'end_turn', 'stop_sequence', 'STOP', 'Stop', 'end-turn', 'COMPLETE', '']],
      ['length', ['length', 'max_tokens', 'MAX_TOKENS', 'max_output_tokens', 'model_length']],
      ['refusal', ['content_filter', 'sensitive', 'SAFETY', 'refusal', 'PROHIBITED_CONTENT', 'content_filter: SPII']],
      ['end', ['function_call', 'tool_calls', 'tool_use', 'a_word_of_tomorrow', 'unknown', 'null']],
    ] as const)
      for (const word of words)
        it(`"${word}" behind a text is ${stop}`, async () =>
          expect(await reply(HI, delta({}, word), '[DONE]')).to.deep.include({ text: 'Hi', stop, toolCalls: [] }));

    for (const word of ['tool_calls', 'tool_use', 'TOOL_USE', 'function_call', 'stop', 'end_turn', '', 'a_word_of_tomorrow'])
      it(`"${word}" behind a call runs it`, async () =>
        expect(await reply(call(aCall('{"path":"a"}')), delta({}, word), '[DONE]')).to.deep.include({
          stop: 'tool_calls',
          toolCalls: [{ id: 'c', tool: 'read_file', input: { path: 'a' } }],
        }));

    it('a word that is not known is told in the log', async () => {
      await reply(HI, delta({}, 'a_word_of_tomorrow'), '[DONE]');
      expect(logger.lines.at(-1)).to.deep.include({ level: 'info', fields: { model: 'small', reason: 'a_word_of_tomorrow' } });
    });

    it('a refusal says of what kind it is', async () => expect((await reply(HI, delta({}, 'sensitive'))).refusal).to.equal('sensitive'));

    it('no word at all, but [DONE], behind a text or a whole call', async () => {
      expect(await reply(HI, '[DONE]')).to.deep.include({ text: 'Hi', stop: 'end' });
      peer.reset();
      expect(await reply(call(aCall('{"path":"a"}')), '[DONE]')).to.deep.include({ stop: 'tool_calls' });
    });

    it('an empty word as the last, and the last alone, ends a reply', async () => {
      expect(await reply(HI, delta({}, ''))).to.deep.include({ text: 'Hi', stop: 'end' });
    });

    for (const [what, chunks] of [
      ['no word and no [DONE]', [HI]],
      ['an empty word in every chunk, and no [DONE]', [delta({ content: 'H' }, ''), delta({ content: 'i' }, '')]],
      ['[DONE] behind nothing', [delta({ role: 'assistant' }), '[DONE]']],
      ['[DONE] in the middle of a call', [call(aCall('{"path":')), '[DONE]']],
      ['an unknown word in the middle of a call', [call(aCall('{"path":')), delta({}, 'a_word_of_tomorrow'), '[DONE]']],
      ['a word for calls, and none', [delta({}, 'tool_calls'), '[DONE]']],
      ['a server that broke off', [HI, delta({}, 'network_error'), '[DONE]']],
    ] as const)
      it(`${what} is no reply, and asked for again`, async () =>
        expect((await answer(...chunks)).error).to.include({ code: 'malformed-reply', retryable: true }));
  });

  describe('an error in the middle of a text', () => {
    it('is no reason to ask in another way: people have read what came', async () => {
      const error = { message: "Unsupported parameter: 'max_completion_tokens'", type: 'invalid_request_error' };
      const told = await answer(HI, { error });
      expect(told.streamed).to.equal('Hi');
      expect(told.error).to.include({ code: 'invalid-request' });
    });

    it('is a refusal where a filter sends it, and what was used counts', async () => {
      const usage = { prompt_tokens: 9, completion_tokens: 3 };
      const error = { message: 'The response was filtered', code: 'content_filter' };
      const { stop, text, usage: used } = await reply({ ...HI, usage }, { error });
      expect([stop, text, used.inputTokens, used.outputTokens]).to.deep.equal(['refusal', 'Hi', 9, 3]);
    });
  });

  describe('arguments of a call', () => {
    for (const [what, args, input] of [
      ['an object', { path: 'a.txt' }, { path: 'a.txt' }],
      ['JSON', '{"path":"a.txt"}', { path: 'a.txt' }],
      ['JSON written twice', JSON.stringify('{"path":"a.txt"}'), { path: 'a.txt' }],
      ['JSON written three times', JSON.stringify(JSON.stringify('{"path":"a.txt"}')), { path: 'a.txt' }],
      ['an object alone in a list', [{ path: 'a.txt' }], { path: 'a.txt' }],
      ['nothing', '', {}],
      ['a space', ' ', {}],
      ['null', null, {}],
      ['the word null', 'null', {}],
      ['an empty list', [], {}],
      ['an empty text, written twice', '""', {}],
      ['a list', '["a.txt"]', ['a.txt']],
      ['a number', 7, 7],
      ['a text', '"a.txt"', 'a.txt'],
    ] as const)
      it(`come as ${what}`, async () =>
        expect((await reply(call(aCall(args)), delta({}, 'tool_calls'))).toolCalls).to.deep.equal([{ id: 'c', tool: 'read_file', input }]));
  });

  describe('calls', () => {
    const paths = ({ toolCalls }: ModelReply): unknown[] => toolCalls.map(({ input }) => (input as { path: string }).path);
    const named = (path: string, more: object) => aCall(JSON.stringify({ path }), more);
    for (const [what, chunks, expected] of [
      ['that share an id', [call(named('a', { id: 'same' })), call(named('b', { id: 'same', index: 1 }))], ['a', 'b']],
      ['that share an id and an index', [call(named('a', { id: 'same' })), call(named('b', { id: 'same' }))], ['a', 'b']],
      ['without an id that share an index', [call(named('a', { id: undefined })), call(named('b', { id: undefined }))], ['a', 'b']],
      ['that are sent once more, whole', [call(named('a', {})), call(named('a', {}))], ['a']],
      [
        'that begin with an empty object',
        [call(aCall('{}')), call({ index: 0, function: { arguments: '{"path":' } }), call({ index: 0, function: { arguments: '"a"}' } })],
        ['a'],
      ],
      [
        'of the older kind',
        [delta({ function_call: { name: 'read_file', arguments: '{"pa' } }), delta({ function_call: { arguments: 'th":"a"}' } })],
        ['a'],
      ],
      ['alone, and no list', [delta({ tool_calls: named('a', {}) })], ['a']],
      ['whose name stands beside their id', [call({ index: 0, id: 'c', name: 'read_file', arguments: { path: 'a' } })], ['a']],
      ['with numbers as texts', [call(named('a', { index: '0', id: 1 })), call(named('b', { index: '1', id: 2 }))], ['a', 'b']],
      ['beside what is none', [delta({ tool_calls: [null, 'x', named('a', {})] })], ['a']],
      ['whole, in a message', [{ choices: [{ message: { content: null, tool_calls: [named('a', {})] } }] }], ['a']],
    ] as const)
      it(what, async () => expect(paths(await reply(...chunks, delta({}, 'tool_calls'), '[DONE]'))).to.deep.equal(expected));
  });

  describe('text', () => {
    for (const [what, chunks] of [
      [
        'as parts of a list',
        [
          delta({
            content: [
              { type: 'text', text: 'H' },
              { type: 'text', text: 'i' },
            ],
          }),
        ],
      ],
      ['as one part', [delta({ content: { type: 'output_text', text: 'Hi' } })]],
      [
        'beside parts that are thoughts',
        [
          delta({
            content: [
              { type: 'thinking', thinking: [{ type: 'text', text: 'no' }] },
              { type: 'text', text: 'Hi' },
            ],
          }),
        ],
      ],
      [
        'beside fields that are thoughts',
        [delta({ reasoning_content: 'no' }), delta({ reasoning: 'no', reasoning_details: [{ text: 'no' }] }), HI],
      ],
      ['with a role alone before it', [delta({ role: 'assistant' }), delta({ role: 'assistant', content: '' }), HI]],
      ['beside chunks without choices', [{ choices: [] }, { choices: null }, {}, HI, { id: 'x' }]],
      ['beside chunks that are none', ['null', '7', '"x"', HI]],
      ['with a delta that is null', [{ choices: [{ delta: null }] }, HI]],
      ['in chunks that stand in lists', [[HI]]],
      [
        'and once more, whole, at the end',
        [delta({ content: 'H' }), delta({ content: 'i' }), { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] }],
      ],
      ['in an older field', [{ choices: [{ text: 'Hi' }] }]],
      ['in tags', [delta({ content: '<thi' }), delta({ content: 'nk>no</think>\n\n' }), HI]],
      ['behind a closing tag', [delta({ content: 'no' }), delta({ content: '</think>\n\n' }), HI]],
      ['with an error that is none', [{ error: null, ...HI }]],
    ] as const)
      it(what, async () => expect(await reply(...chunks, delta({}, 'stop'), '[DONE]')).to.deep.include({ text: 'Hi', stop: 'end' }));

    it('behind a closing tag is shown alone from the second reply on, and is whole again where there is none', async () => {
      const model = makeOpenAiModel({ client: createOpenAiClient({ baseUrl: `${peer.url}/v1` }), model: 'small' });
      let finish = 'stop';
      const seen = async (...contents: readonly string[]) => {
        peer.reset();
        await replySse(peer, sse([...contents.map((content) => delta({ content })), delta({}, finish), '[DONE]']));
        const { events, reply } = await ask(model);
        return [events.flatMap((event) => (event.type === 'text' ? [event.text] : [])).join(''), reply?.text];
      };
      expect(await seen('no', '</think>', 'Hi')).to.deep.equal(['noHi', 'Hi']);
      expect(await seen('no', '</think>', 'Hi')).to.deep.equal(['Hi', 'Hi']);
      finish = 'length';
      expect(await seen('no', ' and no')).to.deep.equal(['', '']);
      finish = 'stop';
      expect(await seen('Hi', ' you')).to.deep.equal(['Hi you', 'Hi you']);
      expect(await seen('<think>no</think>', 'Hi')).to.deep.equal(['Hi', 'Hi']);
    });

    it('ends with what is thought, where nothing else is there', async () =>
      expect(await reply(delta({ content: '<think>no' }), delta({}, 'length'))).to.deep.include({ text: '', stop: 'length' }));
  });
});
