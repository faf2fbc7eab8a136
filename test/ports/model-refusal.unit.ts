import { expect } from 'chai';
import { modelRefusalCode } from '../../src/ports/model-refusal.ts';

const refusal = (status: number, message: string, ...names: unknown[]) => modelRefusalCode({ status, message, names });

describe('What the refusal of a model stands for', () => {
  const invalid = 'invalid_request_error';
  const tooLong: readonly (readonly [server: string, status: number, message: string, ...names: unknown[]])[] = [
    ['Anthropic', 400, 'prompt is too long: 213462 tokens > 200000 maximum', invalid],
    ['Anthropic, with the output', 400, 'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000', invalid],
    ['Anthropic, by bytes', 413, 'Request exceeds the maximum size', 'request_too_large'],
    ['OpenAI', 400, 'too many tokens', 'context_length_exceeded', invalid],
    ['OpenAI, in words', 400, 'Your input exceeds the context window of this model.', null, invalid],
    ['vLLM', 400, "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens", 400, 'BadRequestError'],
    ['DeepSeek', 400, "This model's maximum context length is 131072 tokens. However, you requested 131134 tokens", invalid],
    ['OpenRouter', 400, "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens", 400],
    ['llama.cpp', 400, 'the request exceeds the available context size, try increasing it', 'exceed_context_size_error'],
    ['llama.cpp, newer', 400, 'request (42947 tokens) exceeds the available context size (8192 tokens), try increasing it', 400],
    ['Ollama', 400, 'prompt too long; exceeded max context length by 4021 tokens', 'api_error'],
    ['Ollama, newer', 400, 'input length exceeds the context length', 'api_error'],
    ['LM Studio', 400, 'The number of tokens to keep from the initial prompt is greater than the context length', null],
    ['Groq', 400, 'Please reduce the length of the messages or completion.', 'context_length_exceeded'],
    [
      'Groq, more than a minute lets through',
      413,
      'Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000',
    ],
    ['OpenAI, the same', 429, 'Request too large for gpt-5.5 on tokens per min (TPM): Limit 10000, Requested 20000', 'rate_limit_exceeded'],
    ['Mistral', 400, 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length', '3051'],
    ['Together', 400, "The input (516368 tokens) is longer than the model's context length (262144 tokens).", invalid],
    ['Gemini', 400, 'The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).', 400],
    ['xAI', 400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", null],
    ['Bedrock', 400, 'Input is too long for requested model.', null],
    ['Text Generation Inference', 422, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097', 'validation'],
    ['DashScope', 400, 'Range of input length should be [1, 129024]', 'InvalidParameter'],
    ['a proxy', 413, 'Request Entity Too Large'],
  ];
  for (const [server, status, message, ...names] of tooLong)
    it(`a request is too long: ${server}`, () => {
      expect(refusal(status, message, ...names)).to.equal('too-long');
    });

  const outOfCredit: typeof tooLong = [
    ['Anthropic', 402, 'Payment required', 'billing_error'],
    ['Anthropic, as 400', 400, 'Your credit balance is too low to access the Anthropic API.', invalid],
    ['Anthropic, its own limit', 400, 'You have reached your specified API usage limits. You will regain access on 2027-01-01', invalid],
    ['Anthropic, a limit of the tier', 429, 'over the threshold', 'rate_limit_error', 'enforced_spend_limit_reached'],
    ['OpenAI', 429, 'You exceeded your current quota, please check your plan and billing details.', 'insufficient_quota'],
    ['OpenAI, a hard limit', 400, 'Billing hard limit has been reached', 'billing_hard_limit_reached'],
    ['DeepSeek', 402, 'Insufficient Balance', 'unknown_error'],
    ['OpenRouter', 402, 'Insufficient credits. Add more using https://example.org/credits', 402],
    ['xAI', 403, 'Your team has either used all available credits or reached its monthly spending limit.', null],
    ['Moonshot', 429, 'Your account is suspended, please check your plan', 'exceeded_current_quota_error'],
  ];
  for (const [server, status, message, ...names] of outOfCredit)
    it(`the credit is spent: ${server}`, () => {
      expect(refusal(status, message, ...names)).to.equal('out-of-credit');
    });

  for (const [status, message, ...names] of [
    [400, 'messages: roles must alternate', invalid],
    [400, 'max_tokens is too large: 8192. This model supports at most 4096 completion tokens', 'invalid_value'],
    [401, 'Incorrect API key provided', 'invalid_api_key'],
    // The free rate of Gemini: the same words as of a spent quota, and waiting does help.
    [429, 'You exceeded your current quota. Please retry in 40s.', 429],
    [429, 'Rate limit reached for requests', 'rate_limit_exceeded'],
    [500, 'internal error', 'server_error'],
  ] as const)
    it(`is left to its status: HTTP ${status}, ${message}`, () => {
      expect(refusal(status, message, ...names)).to.equal(undefined);
    });
});
