import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { readEvents, type StreamEvent } from '../../../src/adapters/openai/events.ts';
import { sse } from '../../support/model-peer.ts';
import { delta, HI, useReplies } from './reply-harness.ts';

describe('replies of OpenAI-compatible servers, over the real SDK', () => {
  const { peer, asked, answer, reply } = useReplies();
  describe('counts', () => {
    const plain = { inputTokens: 20, outputTokens: 4, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const usage = { prompt_tokens: 20, completion_tokens: 4 };
    for (const [what, chunks, expected = plain] of [
      ['as texts', [{ choices: [], usage: { prompt_tokens: '20', completion_tokens: '4' } }]],
      ['in the choice', [delta({}, 'stop', { usage })]],
      ['under the server’s own name', [{ choices: [], x_groq: { usage } }]],
      [
        'in every chunk, growing',
        [
          { ...HI, usage: { prompt_tokens: 20, completion_tokens: 1 } },
          { choices: [], usage },
        ],
      ],
      [
        'and then nothing but zeros',
        [
          { choices: [], usage },
          { choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } },
        ],
      ],
      [
        'and null',
        [
          { choices: [], usage: null },
          { choices: [], usage },
        ],
      ],
      ['with thoughts in the sum alone', [{ choices: [], usage: { ...usage, total_tokens: 524 } }], { ...plain, outputTokens: 504 }],
      ['of other names', [{ choices: [], usage: { input_tokens: 20, output_tokens: 4 } }]],
      [
        'with a cache',
        [{ choices: [], usage: { ...usage, prompt_cache_hit_tokens: 15 } }],
        { ...plain, inputTokens: 5, cacheReadTokens: 15 },
      ],
      [
        'that are none',
        [{ choices: [], usage: { prompt_tokens: 'many', completion_tokens: -1 } }],
        { ...plain, inputTokens: 0, outputTokens: 0 },
      ],
    ] as const)
      it(what, async () => expect((await reply(HI, delta({}, 'stop'), ...chunks, '[DONE]')).usage).to.deep.equal(expected));

    it('are told of a call that broke', async () => {
      const { error } = await answer({ ...HI, usage });
      expect(error?.usage).to.deep.equal(plain);
    });
  });

  describe('errors in a stream that began well', () => {
    for (const [what, chunk, code] of [
      ['an object', { error: { message: 'slow down', code: 429 } }, 'rate-limited'],
      ['words', { error: 'the engine crashed' }, 'unavailable'],
      ['beside its object', { object: 'error', message: 'bad', type: 'invalid_request_error', code: 400 }, 'invalid-request'],
      [
        'beside an answer that is none',
        { choices: null, base_resp: { status_code: 1008, status_msg: 'insufficient balance' } },
        'out-of-credit',
      ],
      ['in a choice that ends with it', { ...delta({ content: '' }, 'error'), error: { message: 'gone', code: 502 } }, 'unavailable'],
      ['of a type', { type: 'error', error: { type: 'overloaded', message: 'busy', code: '503' } }, 'unavailable'],
    ] as const)
      it(`as ${what}`, async () => {
        const { error } = await answer(HI, chunk, '[DONE]');
        expect(error).to.include({ code });
      });

    it('behind a whole reply, it stands', async () =>
      expect(await reply(HI, delta({}, 'stop'), { error: { message: 'late' } })).to.deep.include({ text: 'Hi', stop: 'end' }));
  });

  describe('the wire', () => {
    const whole = sse([HI, delta({}, 'stop'), '[DONE]']);
    const json = {
      id: 'x',
      object: 'chat.completion',
      model: 'big',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 20, completion_tokens: 4 },
    };
    const stream = { 'content-type': 'text/event-stream' };
    for (const [what, body, headers] of [
      ['lines that end with CR and LF', whole.replaceAll('\n', '\r\n'), stream],
      ['lines that end with CR', whole.replaceAll('\n', '\r'), stream],
      ['a mark of byte order', `\uFEFF${whole}`, stream],
      ['signs of life that say nothing', `data:\n\nevent: ping\ndata: still here\n\n${whole}`, stream],
      ['comments', `: OPENROUTER PROCESSING\n\n${whole.replaceAll('data:', ': still\ndata:')}`, stream],
      ['no space behind the colon', whole.replaceAll('data: ', 'data:'), stream],
      ['other fields', whole.replaceAll('data:', 'id: 7\nevent: message\nretry: 10\ndata:'), stream],
      ['an event over several lines', whole.replaceAll('{"choices"', '{\ndata: "choices"'), stream],
      ['no blank line at the end', whole.trimEnd(), stream],
      ['another type', whole, { 'content-type': 'text/plain' }],
      ['no type', whole, {}],
      ['a whole reply in JSON', JSON.stringify(json), { 'content-type': 'application/json' }],
      ['a whole reply in JSON over several lines', `\n${JSON.stringify(json, null, 2)}\n`, stream],
      ['a whole reply as the only event', sse([json]), stream],
      ['a cut event behind the end of the reply', `${sse([HI, delta({}, 'stop')])}data: {"choi`, stream],
      ['garbage behind the end of the reply', `${sse([HI, delta({}, 'stop')])}data: {"choi\n\n`, stream],
    ] as const)
      it(what, async () => {
        await peer.forAnyRequest().thenReply(200, body, headers);
        expect((await asked()).reply).to.deep.include({ text: 'Hi', stop: 'end' });
      });

    it('packed', async () => {
      await peer.forAnyRequest().thenReply(200, gzipSync(whole), { ...stream, 'content-encoding': 'gzip' });
      expect((await asked()).reply).to.deep.include({ text: 'Hi' });
    });

    it('every cut of it into two parts', async () => {
      // The first event is of two lines, which are one text.
      const lines = whole.replace('Hi', 'Hü').replace('"choices":', '"choices":\ndata: ');
      const crlf = lines.replaceAll('\n', '\r\n');
      const bytes = new TextEncoder().encode(crlf);
      for (let at = 0; at <= bytes.length; at++) {
        const body = new ReadableStream({
          start: (controller) => {
            controller.enqueue(bytes.slice(0, at));
            controller.enqueue(bytes.slice(at));
            controller.close();
          },
        });
        const events: StreamEvent[] = [];
        for await (const event of readEvents(new Response(body), () => undefined)) events.push(event);
        expect(events.map(({ type }) => type)).to.deep.equal(['data', 'data', 'done']);
        expect(JSON.stringify(events[0])).to.include('Hü');
      }
    });
  });
});
