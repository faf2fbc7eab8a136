import { expect } from 'chai';
import type { CallOptions } from '../../../src/adapters/ai-sdk/spec.ts';
import { MAX_REPLY_LENGTH } from '../../../src/ports/language-model.ts';
import { makeRecordingEvents } from '../../../src/testing/index.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { modelOf } from './harness.ts';

const usage = {
  inputTokens: { total: 20, noCache: 10, cacheRead: 7, cacheWrite: 3 },
  outputTokens: { total: 5, text: 5, reasoning: 0 },
};
const say = (delta: string) => ({ type: 'text-delta', id: '0', delta });
const use = (input: string, more: object = {}) => ({ type: 'tool-call', toolCallId: 'own_1', toolName: 'look', input, ...more });
const finish = (unified: string, raw = unified) => ({ type: 'finish', usage, finishReason: { unified, raw } });
const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} } };

describe('Replies of a model behind a package of the AI SDK', () => {
  it('count each token once, and name the model as its provider does', async () => {
    const { reply } = await ask(modelOf([{ type: 'response-metadata', modelId: 'x-2026' }, say('Hi.'), finish('stop')]));
    expect(reply).to.deep.equal({
      text: 'Hi.',
      toolCalls: [],
      stop: 'end',
      usage: { inputTokens: 10, outputTokens: 5, cacheReadTokens: 7, cacheWriteTokens: 3 },
      model: 'x-2026',
    });
    const sums = { inputTokens: { total: 9 }, outputTokens: { total: undefined } };
    const counted = await ask(modelOf([say('Hi.'), { ...finish('stop'), usage: sums }]));
    expect(counted.reply?.usage).to.deep.equal({ inputTokens: 9, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 });
  });

  for (const [unified, stop] of [
    ['length', 'length'],
    ['content-filter', 'refusal'],
  ] as const)
    it(`run no call of a reply that ended by ${unified}`, async () => {
      const { reply } = await ask(modelOf([say('I '), use('{"path":"a'), finish(unified)]));
      expect(reply).to.deep.include({ stop, toolCalls: [] }).and.not.to.have.property('attached');
    });

  for (const [what, parts] of [
    ['nothing', []],
    ['a text without an end', [say('Hel')]],
    ['a text that was cut, as the SDK says', [say('Hel'), finish('interrupted')]],
    ['an end by an error', [say('Hel'), finish('error')]],
    ['calls that are announced and not there', [finish('tool-calls')]],
    ['an unknown end without an answer', [finish('other', 'pause')]],
  ] as const)
    it(`are malformed where they are ${what}`, async () => {
      expect((await ask(modelOf(parts))).error).to.include({ code: 'malformed-reply', retryable: true });
    });

  it('stand where their end is not known, with a notice', async () => {
    const events = makeRecordingEvents();
    expect((await ask(modelOf([say('Hi.'), finish('other', 'new_reason')], { events }))).reply?.stop).to.equal('end');
    expect(events.of('model-server-noticed')).to.deep.include({
      type: 'model-server-noticed',
      model: 'ai-sdk:own-provider/x',
      notice: 'unknown-finish',
      facts: { model: 'x', reason: 'new_reason' },
    });
  });

  it('hand on arguments that are no JSON as they are, and none as an object', async () => {
    const { reply } = await ask(modelOf([use('{"a'), use(''), use('[]', { providerExecuted: true }), finish('tool-calls')]));
    expect(reply?.toolCalls.map(({ input }) => input)).to.deep.equal(['{"a', {}]);
  });

  it('end at the longest text that is read', async () => {
    const { reply } = await ask(modelOf([say('x'.repeat(MAX_REPLY_LENGTH)), say('more'), finish('stop')]));
    expect(reply?.stop).to.equal('length');
    expect(reply?.text).to.have.length(MAX_REPLY_LENGTH);
  });

  it('fail as an error in the stream says, with a status or a type', async () => {
    for (const [error, code] of [
      [{ message: 'busy', statusCode: 529, data: {} }, 'unavailable'],
      [
        { message: 'slow down', type: 'rate_limit_error', data: { error: { type: 'rate_limit_error', message: 'slow down' } } },
        'rate-limited',
      ],
      [{ message: 'who knows', data: {} }, 'unavailable'],
    ] as const)
      expect((await ask(modelOf([say('Hel'), { type: 'error', error }]))).error).to.include({ code, retryable: true });
  });

  it('end soon after an abort, also where the package does not listen for it', async () => {
    const abort = new AbortController();
    const never = new ReadableStream({ start: (controller) => controller.enqueue(say('Hel')) });
    const asked = ask(modelOf(never as never), aRequest(), {
      signal: abort.signal,
      onEvent: (event) => event.type === 'text' && abort.abort(),
    });
    expect((await asked).error).to.include({ code: 'aborted' });
  });

  it('go back within the run as they came, with what their provider keeps beside them', async () => {
    const signed = { own: { signature: 'S1' } };
    const asked: CallOptions[] = [];
    const first = await ask(
      modelOf([
        { type: 'reasoning-start', id: 'r' },
        { type: 'reasoning-delta', id: 'r', delta: 'Hm' },
        { type: 'reasoning-delta', id: 'r', delta: '', providerMetadata: signed },
        { type: 'reasoning-end', id: 'r', providerMetadata: { own: { item: 'i' } } },
        { type: 'text-start', id: '0' },
        say('I look.'),
        { type: 'text-end', id: '0' },
        use('{"path":"a"}', { providerMetadata: signed }),
        use('{"path":"b"}', { toolCallId: 'own_2' }),
        finish('tool-calls'),
      ]),
      aRequest({ tools: [LOOK] }),
    );
    const { text, toolCalls = [], attached } = first.reply ?? {};
    expect(toolCalls).to.have.length(2);
    const step = { role: 'agent' as const, text: text ?? '', toolCalls: toolCalls.slice(0, 1), ...(attached ? { attached } : {}) };
    const result = { role: 'tool' as const, callId: 'own_1', tool: 'look', output: 'none', isError: true };
    await ask(
      modelOf([say('Done.'), finish('stop')], { asked }),
      aRequest({ tools: [LOOK], conversation: [...aRequest().conversation, step, result] }),
    );
    const call = { type: 'tool-call', toolName: 'look' };
    const failed = (toolCallId: string, value: string) => ({
      type: 'tool-result',
      toolCallId,
      toolName: 'look',
      output: { type: 'error-text', value },
    });
    expect(asked[0]?.prompt.slice(2)).to.deep.equal([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm', providerOptions: { own: { signature: 'S1', item: 'i' } } },
          { type: 'text', text: 'I look.' },
          { ...call, toolCallId: 'own_1', input: { path: 'a' }, providerOptions: signed },
          { ...call, toolCallId: 'own_2', input: { path: 'b' } },
        ],
      },
      {
        role: 'tool',
        content: [failed('own_2', 'Not run.'), failed('own_1', 'none')],
        providerOptions: { anthropic: { cacheControl: { type: 'ephemeral' } } },
      },
    ]);
  });

  it('are asked for with tools, effort and limit, and no tool where none may be called', async () => {
    const asked: CallOptions[] = [];
    const request = aRequest({ tools: [LOOK], toolChoice: 'none', effort: 'xhigh', maxOutputTokens: 77 });
    await ask(modelOf([say('Hi.'), finish('stop')], { asked }), request);
    const { abortSignal: _, prompt, ...rest } = asked[0] ?? ({} as CallOptions);
    expect(rest).to.deep.equal({
      maxOutputTokens: 77,
      reasoning: 'xhigh',
      toolChoice: { type: 'none' },
      tools: [{ type: 'function', ...LOOK }],
    });
    expect(prompt.map(({ role }) => role)).to.deep.equal(['system', 'user']);
  });
});
