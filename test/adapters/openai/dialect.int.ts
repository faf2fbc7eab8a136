import { expect } from 'chai';
import { type CompletedRequest, getLocal } from 'mockttp';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import type { LanguageModel, ModelRequest } from '../../../src/ports/language-model.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { aRequest, ask, sse } from '../../support/model-peer.ts';

type Body = Record<string, unknown>;
interface Refusal {
  readonly status?: number;
  readonly body: unknown;
}

const READ_FILE = { name: 'read_file', description: 'Reads a file', inputSchema: { type: 'object', properties: {} } };
const HI = [{ choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }] }, '[DONE]'];
const openAi = (message: string, more: object = {}): Refusal => ({ body: { error: { message, type: 'invalid_request_error', ...more } } });

/** What one server refuses is put in another way, and remembered: none of it depends on its address. */
describe('the way in which an OpenAI-compatible server wants to be asked, over the real SDK', () => {
  const peer = getLocal();
  const logger = makeRecordingLogger();
  let bodies: Body[];
  beforeEach(async () => {
    bodies = [];
    await peer.start();
  });
  afterEach(() => peer.stop());

  /** A server that refuses what `refuse` tells, and else answers. */
  const serve = (refuse: (body: Body) => Refusal | undefined) =>
    peer.forAnyRequest().thenCallback(async (request: CompletedRequest) => {
      const body = (await request.body.getJson()) as Body;
      bodies.push(body);
      const refusal = refuse(body);
      if (!refusal) return { statusCode: 200, headers: { 'content-type': 'text/event-stream' }, body: sse(HI) };
      return { statusCode: refusal.status ?? 400, json: refusal.body as object };
    });
  const makeModel = (): LanguageModel =>
    makeOpenAiModel({ client: createOpenAiClient({ baseUrl: `${peer.url}/v1` }), model: 'small', events: logged(logger) });
  const answer = async (model: LanguageModel, change: Partial<ModelRequest> = {}) => {
    const { reply, error } = await ask(model, aRequest({ tools: [READ_FILE], ...change }));
    expect(error, error?.message).to.equal(undefined);
    expect(reply?.text).to.equal('Hi');
  };
  /** Asked until answered, then answered at once. */
  const learns = async (refuse: (body: Body) => Refusal | undefined, tries: number, change: Partial<ModelRequest> = {}) => {
    await serve(refuse);
    const model = makeModel();
    await answer(model, change);
    expect(bodies, 'tries').to.have.length(tries);
    await answer(model, change);
    expect(bodies, 'it is remembered').to.have.length(tries + 1);
    return bodies.at(-1) as Body;
  };

  describe('the name of the limit', () => {
    const has = (name: string, refusal: Refusal) => (body: Body) => (name in body ? refusal : undefined);
    for (const [what, refusal] of [
      [
        'OpenAI',
        openAi("Unsupported parameter: 'max_completion_tokens' is not supported with this model. Use 'max_tokens' instead.", {
          param: 'max_completion_tokens',
          code: 'unsupported_parameter',
        }),
      ],
      ['an older Azure', openAi('Unrecognized request argument supplied: max_completion_tokens')],
      [
        'Mistral',
        {
          status: 422,
          body: {
            detail: [
              { type: 'extra_forbidden', loc: ['body', 'max_completion_tokens'], msg: 'Extra inputs are not permitted', input: 1000 },
            ],
          },
        },
      ],
      [
        'Mistral by its proxy',
        {
          status: 422,
          body: {
            object: 'error',
            message: { detail: [{ loc: ['body', 'max_completion_tokens'], msg: 'Extra inputs are not permitted' }] },
            type: 'invalid_request_error',
            param: null,
            code: null,
          },
        },
      ],
      [
        'Gemini',
        {
          body: [
            { error: { code: 400, message: 'Invalid JSON payload received. Unknown name "max_completion_tokens": Cannot find field.' } },
          ],
        },
      ],
      ['words alone', { body: { error: 'max_completion_tokens is not allowed' } }],
      ['one that wants the other', openAi('Missing required field: max_tokens')],
      [
        'OpenRouter for one behind it',
        {
          body: {
            error: {
              message: 'Provider returned error',
              code: 400,
              metadata: { raw: '{"message":"unknown field max_completion_tokens"}' },
            },
          },
        },
      ],
    ] as const)
      it(`is max_tokens, where ${what} refuses the newer one`, async () => {
        const body = await learns(has('max_completion_tokens', refusal), 2);
        expect(body).to.include({ max_tokens: 1000 });
        expect(body).not.to.have.property('max_completion_tokens');
      });

    it('is max_completion_tokens, where a server is asked by the older one and refuses it', async () => {
      await serve(
        has(
          'max_tokens',
          openAi("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", {
            param: 'max_tokens',
          }),
        ),
      );
      const client = createOpenAiClient({ baseUrl: `${peer.url}/v1` });
      await answer(makeOpenAiModel({ client, model: 'small', limitNames: ['max_tokens', 'max_completion_tokens'] }));
      expect(bodies.map((body) => [body.max_tokens, body.max_completion_tokens])).to.deep.equal([
        [1000, undefined],
        [undefined, 1000],
      ]);
    });

    it('is left out, where both are refused', async () => {
      const body = await learns(
        ({ max_tokens, max_completion_tokens }) =>
          max_tokens || max_completion_tokens ? openAi(`unknown field: ${max_tokens ? 'max_tokens' : 'max_completion_tokens'}`) : undefined,
        3,
      );
      expect(body).not.to.have.any.keys('max_tokens', 'max_completion_tokens');
    });
  });

  describe('an optional parameter that a refusal names', () => {
    for (const [name, message, change] of [
      ['stream_options', "Unrecognized request argument supplied: 'stream_options'", {}],
      [
        'stream_options',
        '[{"type":"extra_forbidden","loc":["body","stream_options","include_usage"],"msg":"Extra inputs are not permitted"}]',
        {},
      ],
      ['reasoning_effort', "Unsupported parameter: 'reasoning_effort' is not supported with this model.", { effort: 'high' }],
      ['reasoning_effort', 'registry.ollama.ai/library/llama3.2:latest does not support thinking', { effort: 'medium' }],
      ['reasoning_effort', 'Model grok-4 does not support parameter reasoningEffort.', { effort: 'medium' }],
      ['reasoning_effort', 'Reasoning is not supported by this model', { effort: 'medium' }],
      ['tool_choice', 'tool_choice is not supported by this model', { toolChoice: 'none' }],
    ] as const)
      it(`${name} is left out (${message.slice(0, 40)})`, async () => {
        const body = await learns((sent) => (name in sent ? openAi(message) : undefined), 2, change);
        expect(body).not.to.have.property(name);
        expect(body).to.have.property('tools');
      });

    it('each is left out in its turn, and what is left is as it was', async () => {
      const refused = ['stream_options', 'reasoning_effort', 'max_completion_tokens'];
      const body = await learns(
        (sent) => refused.filter((name) => name in sent).map((name) => openAi(`Unknown parameter: '${name}'.`, { param: name }))[0],
        4,
        { effort: 'low' },
      );
      expect(body).to.have.all.keys('model', 'stream', 'max_tokens', 'messages', 'tools');
    });

    it('streaming is left out, where the model has none', async () => {
      await serve(({ stream }) => (stream ? openAi('Streaming is not supported for this model.', { param: 'stream' }) : undefined));
      const { reply } = await ask(makeModel());
      expect(reply?.text).to.equal('Hi');
      expect(bodies.at(-1)).not.to.have.any.keys('stream', 'stream_options');
    });
  });

  for (const [wanted, message, sent] of [
    [
      'none',
      "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported values are: 'minimal', 'low'.",
      'minimal',
    ],
    [
      'max',
      "Unsupported value: 'reasoning_effort' does not support 'max' with this model. Supported values are: 'none', 'low', 'medium', and 'high'.",
      'high',
    ],
    ['medium', "reasoning_effort: Input should be 'low' or 'high'", 'low'],
    ['xhigh', '`reasoning_effort` must be one of `low`, `medium`, or `high`', 'high'],
    ['xhigh', 'invalid think value: "xhigh" (must be "high", "medium", "low", true, or false)', 'high'],
  ] as const)
    it(`an effort that the model does not know is its nearest (${wanted}, ${sent})`, async () => {
      const body = await learns(({ reasoning_effort }) => (reasoning_effort === wanted ? openAi(message) : undefined), 2, {
        effort: wanted,
      });
      expect(body.reasoning_effort).to.equal(sent);
    });

  describe('a reasoning model that has tools without reasoning only', () => {
    const WORDS =
      "Function tools with reasoning_effort are not supported for gpt-5.6 in /v1/chat/completions. Please use /v1/responses or set reasoning_effort to 'none'.";
    for (const effort of [undefined, 'high'] as const)
      it(`is asked so with tools, and as it was without them (effort ${effort})`, async () => {
        const body = await learns(
          ({ tools, reasoning_effort }) =>
            tools && reasoning_effort !== 'none' ? openAi(WORDS, { param: 'reasoning_effort' }) : undefined,
          2,
          effort ? { effort } : {},
        );
        expect(body).to.include({ reasoning_effort: 'none' }).and.to.have.property('tools');
        const model = makeModel();
        await answer(model, { tools: [], ...(effort ? { effort } : {}) });
        expect(bodies.at(-1)?.reasoning_effort).to.equal(effort);
      });
  });

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
