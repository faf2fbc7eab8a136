import { expect } from 'chai';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { ask } from '../../support/model-peer.ts';
import { type Body, openAi, type Refusal, useServer } from './dialect-harness.ts';

describe('the way in which an OpenAI-compatible server wants to be asked, over the real SDK', () => {
  const { peer, bodies, serve, makeModel, answer, learns } = useServer();

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
});
