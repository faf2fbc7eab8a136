import { expect } from 'chai';
import { aRequest, ask, sse } from '../../support/model-peer.ts';
import { type Body, HI, openAi, READ_FILE, useServer } from './dialect-harness.ts';

describe('the way in which an OpenAI-compatible server wants to be asked, over the real SDK', () => {
  const { peer, logger, bodies, serve, makeModel, answer, learns } = useServer();
  describe('a model without tools', () => {
    for (const [what, status, message] of [
      ['Ollama', 400, 'registry.ollama.ai/library/gemma:2b does not support tools'],
      ['OpenRouter', 404, 'No endpoints found that support tool use. To learn more about provider routing, visit the docs.'],
      ['vLLM', 400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
      ['llama.cpp', 500, 'tools param requires --jinja flag'],
      ['Groq', 400, '`tool calling` is not supported with this model'],
      ['Together', 400, 'Function calling is not supported for this model'],
      ['Mistral', 422, '[{"type":"extra_forbidden","loc":["body","tools"],"msg":"Extra inputs are not permitted"}]'],
      ['LiteLLM', 400, "litellm.UnsupportedParamsError: ollama does not support parameters: ['tools'], for model=gemma."],
      ['an older server', 400, 'Unrecognized request argument supplied: tools'],
      ['in other words', 400, "This model doesn't support tool use."],
    ] as const)
      it(`is asked without them (${what})`, async () => {
        const body = await learns(({ tools }) => (tools ? { status, body: { error: { message } } } : undefined), 2);
        expect(body).not.to.have.any.keys('tools', 'tool_choice');
        expect(JSON.stringify(body.messages)).to.include('No tool can be called here');
        const told = logger.lines.filter(({ level }) => level === 'warn').at(-1);
        expect(told?.message).to.match(/^the model can't call tools.*promises.*OPENAI_MODEL$/);
      });

    it('keeps its tools where something else about them is wrong', async () => {
      for (const [n, message] of [
        "Invalid schema for function 'read_file': it is not supported",
        "Unknown parameter: 'tools[0].function.strict'.",
        '[{"type":"extra_forbidden","loc":["body","tools",0,"function","strict"],"msg":"Extra inputs are not permitted"}]',
      ].entries()) {
        peer.reset();
        await serve(({ tools }) => (tools ? openAi(message) : undefined));
        expect((await ask(makeModel(), aRequest({ tools: [READ_FILE] }))).error).to.include({ code: 'invalid-request' });
        expect(bodies).to.have.length(n + 1);
      }
    });
  });

  describe('a window that the limit is too large for', () => {
    const WINDOW = 8_192;
    /** As tokenizers count, more or less. */
    const inputOf = ({ messages, tools }: Body): number => Math.ceil(JSON.stringify({ messages, tools }).length / 3.7);
    const limitOf = (body: Body): number => Number(body.max_completion_tokens ?? body.max_tokens);
    for (const [what, words] of [
      [
        'OpenAI',
        (input: number, limit: number) =>
          `This model's maximum context length is ${WINDOW} tokens. However, you requested ${input + limit} tokens (${input} in the messages, ${limit} in the completion). Please reduce the length of the messages or completion.`,
      ],
      [
        'vLLM',
        (input: number, limit: number) =>
          `'max_tokens' or 'max_completion_tokens' is too large: ${limit}. This model's maximum context length is ${WINDOW} tokens and your request has ${input} input tokens (${limit} > ${WINDOW} - ${input}).`,
      ],
      [
        'a newer vLLM',
        (_: number, limit: number) =>
          `This model's maximum context length is ${WINDOW} tokens. However, you requested ${limit} output tokens and your prompt contains at least 1 input tokens, for a total of at least ${limit + 1} tokens.`,
      ],
      [
        'SGLang',
        (input: number, limit: number) =>
          `Requested token count exceeds the model's maximum context length of ${WINDOW} tokens. You requested a total of ${input + limit} tokens: ${input} tokens from the input messages and ${limit} tokens for the completion.`,
      ],
      [
        'Text Generation Inference',
        (input: number, limit: number) =>
          `Input validation error: \`inputs\` tokens + \`max_new_tokens\` must be <= ${WINDOW}. Given: ${input} \`inputs\` tokens and ${limit} \`max_new_tokens\``,
      ],
      [
        'Anthropic behind a proxy',
        (input: number, limit: number) =>
          `input length and \`max_tokens\` exceed context limit: ${input} + ${limit} > ${WINDOW}, decrease input length or \`max_tokens\` and try again`,
      ],
      ['a sum the other way round', (input: number, limit: number) => `max_tokens (${limit}) + input (${input}) > window (${WINDOW})`],
      [
        'words without the input',
        (_: number, limit: number) => `max_tokens of ${limit} is more than the context window of ${WINDOW} leaves`,
      ],
    ] as const)
      it(`gets a smaller one, also for longer questions (${what})`, async () => {
        await serve((body) => {
          const [input, limit] = [inputOf(body), limitOf(body)];
          return input + limit > WINDOW ? openAi(words(input, limit)) : undefined;
        });
        const model = makeModel();
        await answer(model, { maxOutputTokens: WINDOW });
        expect(bodies).to.have.length(2);
        expect(limitOf(bodies[1] as Body), 'most of what is left').to.be.within(WINDOW - 400, WINDOW);
        for (const length of [1_000, 5_000, 12_000])
          await answer(model, { maxOutputTokens: WINDOW, instructions: 'Read this. '.repeat(length / 11) });
        expect(bodies, 'it is remembered').to.have.length(5);
        await answer(model, { maxOutputTokens: 100 });
        expect(limitOf(bodies.at(-1) as Body), 'a small one is left as it is').to.equal(100);
      });

    it('is too small for the question itself: that is told, and not asked again for ever', async () => {
      await serve((body) =>
        openAi(
          `This model's maximum context length is 100 tokens. However, you requested ${inputOf(body) + limitOf(body)} tokens (${inputOf(body)} in the messages, ${limitOf(body)} in the completion).`,
          { code: 'context_length_exceeded' },
        ),
      );
      expect((await ask(makeModel())).error).to.include({ code: 'too-long' });
      expect(bodies).to.have.length(1);
    });

    for (const [what, message] of [
      ['OpenAI', 'max_tokens is too large: 8192. This model supports at most 4096 completion tokens, whereas you provided 8192.'],
      [
        'Groq',
        '`max_tokens` must be less than or equal to `4096`, the maximum value for `max_tokens` is less than the `context_window` for this model',
      ],
      ['DeepSeek', 'Invalid max_tokens value, the valid range of max_tokens is [1, 4096]'],
      ['Anthropic behind a proxy', 'max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for claude-3-haiku'],
      ['Cohere', 'too many tokens: max tokens must be less than or equal to 4096, the maximum output for this model - received 8192.'],
    ] as const)
      it(`the longest answer of a model is the limit (${what})`, async () => {
        const body = await learns((sent) => (limitOf(sent) > 4_096 ? openAi(message) : undefined), 2, { maxOutputTokens: 8_192 });
        expect(limitOf(body)).to.equal(4_096);
      });
  });

  for (const message of ["Unsupported value: 'messages[0].role' does not support 'system' with this model.", 'System role not supported'])
    it(`instructions stand before the first words, where there is no place for them (${message.slice(0, 20)})`, async () => {
      const body = await learns(({ messages }) => (JSON.stringify(messages).includes('"system"') ? openAi(message) : undefined), 2);
      expect(body.messages).to.deep.equal([{ role: 'user', content: 'Be brief.\n\nhello' }]);
    });

  it('calls without words have an empty text, where a text must be', async () => {
    const conversation = [
      { role: 'person', name: 'Ada', text: 'read' },
      { role: 'agent', text: '', toolCalls: [{ id: 'a', tool: 'read_file', input: {} }] },
      { role: 'tool', callId: 'a', tool: 'read_file', output: 'alpha', isError: false },
    ] as const;
    const isNull = ({ messages }: Body) => JSON.stringify(messages).includes('"content":null');
    const body = await learns(
      (sent) => (isNull(sent) ? openAi('messages[2].content: invalid type: null, expected a string') : undefined),
      2,
      {
        conversation,
      },
    );
    expect(JSON.stringify(body.messages)).to.include('"content":""');
  });

  it('an error in the stream, before any word of an answer, is learned from as well', async () => {
    await peer.forAnyRequest().thenCallback(async (request) => {
      const body = (await request.body.getJson()) as Body;
      bodies.push(body);
      const chunks = 'stream_options' in body ? [{ error: { message: 'unknown field stream_options', code: 400 } }] : HI;
      return { statusCode: 200, headers: { 'content-type': 'text/event-stream' }, body: sse(chunks) };
    });
    await answer(makeModel());
    expect(bodies).to.have.length(2);
  });

  it('what requests in parallel are refused is learned once', async () => {
    await serve((body) => ('max_completion_tokens' in body ? openAi('unknown field max_completion_tokens') : undefined));
    const model = makeModel();
    await Promise.all([answer(model), answer(model), answer(model)]);
    expect(bodies.slice(-1)[0]).to.include({ max_tokens: 1000 });
    expect(bodies.length).to.be.at.most(6);
  });

  it('a refusal that never ends is given up', async () => {
    await serve((body) => openAi(`unknown field ${Object.keys(body).find((name) => name !== 'model' && name !== 'messages')}`));
    expect((await ask(makeModel(), aRequest({ tools: [READ_FILE] }))).error).to.include({ code: 'invalid-request' });
    expect(bodies.length).to.be.below(9);
  });

  for (const status of [401, 403, 429, 503])
    it(`HTTP ${status} teaches nothing, whatever it says`, async () => {
      await serve(() => ({ status, ...openAi('unknown field stream_options; the model does not support tools') }));
      expect((await ask(makeModel(), aRequest({ tools: [READ_FILE] }))).reply).to.equal(undefined);
      expect(bodies).to.have.length(1);
    });

  for (const code of ['tool_use_failed', 'output_parse_failed'])
    it(`a call that the server could not read (${code}) is asked for again, and not as a wrong request`, async () => {
      await serve(() => openAi('Failed to call a function. Please adjust your prompt.', { code, failed_generation: '<function=x' }));
      expect((await ask(makeModel(), aRequest({ tools: [READ_FILE] }))).error).to.include({ code: 'malformed-reply', retryable: true });
    });

  for (const code of ['content_filter', 'invalid_prompt', 'data_inspection_failed'])
    it(`a request that a filter refuses (${code}) is declined, and no fault of the request`, async () => {
      await serve(() => openAi('The response was filtered', { code }));
      const { reply } = await ask(makeModel());
      expect(reply).to.deep.include({ stop: 'refusal', refusal: code, text: '', toolCalls: [] });
      expect(bodies).to.have.length(1);
    });

  it('what a filter says with HTTP 403 is no fault of the key', async () => {
    await serve(() => ({ status: 403, body: { error: { code: 403, message: 'Input was flagged by moderation' } } }));
    expect((await ask(makeModel())).reply).to.deep.include({ stop: 'refusal', text: '' });
  });

  it('history with calls is never sent without tools, and none may be called then', async () => {
    await serve(({ messages, tools }) =>
      JSON.stringify(messages).includes('tool_calls') && !tools ? openAi('tools= param must be set') : undefined,
    );
    const conversation = [
      { role: 'person', name: 'Ada', text: 'read' },
      { role: 'agent', text: '', toolCalls: [{ id: 'toolu_01A', tool: 'functions.read_file', input: {} }] },
      { role: 'tool', callId: 'toolu_01A', tool: 'functions.read_file', output: 'alpha', isError: false },
      { role: 'person', name: 'Ada', text: 'and?' },
    ] as const;
    await answer(makeModel(), { tools: [], conversation });
    expect(bodies).to.have.length(1);
    expect(bodies[0]).to.include({ tool_choice: 'none' });
    expect(JSON.stringify(bodies[0]?.tools)).to.include('"name":"functions_read_file"');
  });

  it('a last step keeps its tools, and says that none may be called', async () => {
    await serve(() => undefined);
    await answer(makeModel(), { toolChoice: 'none' });
    expect(bodies[0]).to.include({ tool_choice: 'none' }).and.to.have.property('tools');
  });

  it('a refusal in any shape is told in its words', async () => {
    for (const [body, words] of [
      [{ error: 'the model is gone' }, 'the model is gone'],
      [{ object: 'error', message: 'the model is gone', code: 400 }, 'the model is gone'],
      [{ detail: 'the model is gone' }, 'the model is gone'],
      [{ message: 'the model is gone' }, 'the model is gone'],
      [[{ error: { message: 'the model is gone' } }], 'the model is gone'],
    ] as const) {
      peer.reset();
      await serve(() => ({ body }));
      expect((await ask(makeModel())).error?.message).to.include(words);
    }
  });
});
