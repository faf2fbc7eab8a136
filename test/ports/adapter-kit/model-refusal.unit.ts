import { expect } from 'chai';
import { httpFailure } from '../../../src/ports/adapter-kit/http-failure.ts';
import { declinedFor, modelRefusalCode } from '../../../src/ports/adapter-kit/model-refusal.ts';

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
    ['Kimi', 403, "You've reached your usage limit for this billing cycle.", 'permission_error'],
    ['LiteLLM', 400, 'Budget has been exceeded! Current cost: 1.2, Max budget: 1.0', '400', 'budget_exceeded'],
    ['Zhipu', 429, '余额不足或无可用资源包,请充值。', '1113'],
    ['Moonshot', 429, 'Your account is suspended, please check your plan', 'exceeded_current_quota_error'],
  ];
  for (const [server, status, message, ...names] of outOfCredit)
    it(`the credit is spent: ${server}`, () => {
      expect(refusal(status, message, ...names)).to.equal('out-of-credit');
    });

  const noSuchModel: typeof tooLong = [
    ['OpenAI', 404, 'The model `gpt-6` does not exist or you do not have access to it.', invalid, 'model_not_found'],
    ['OpenAI, to a project without it', 403, 'Project `proj_1` does not have access to model `gpt-6`', invalid, 'model_not_found'],
    ['vLLM behind a gateway', 400, 'no such model', 'model_not_found'],
  ];
  for (const [server, status, message, ...names] of noSuchModel)
    it(`there is no such model: ${server}`, () => {
      expect(refusal(status, message, ...names)).to.equal('not-found');
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

  for (const [server, message] of [
    ['Gemini', 'API key not valid. Please pass a valid API key.'],
    ['xAI', 'Incorrect API key provided: sk***.'],
  ] as const)
    it(`the key is wrong, though HTTP 400 says that the request is: ${server}`, () => {
      expect(refusal(400, message, 'INVALID_ARGUMENT')).to.equal('unauthorised');
    });

  for (const [server, message, ...names] of [
    ['Anthropic', 'Output blocked by content filtering policy', invalid],
    ['OpenRouter', 'Input was flagged by moderation', 403],
    ['xAI', 'Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO', null],
    ['Azure', "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", null],
    ['OpenAI', 'This request has been flagged for possible cybersecurity risk.', invalid],
    ['DeepSeek', 'Content Exists Risk', invalid],
    ['DashScope', 'Input data may contain inappropriate content.', null],
    ['Kimi', 'The request was rejected because it was considered high risk', null, 'content_filter'],
  ] as const)
    it(`what is said is declined: ${server}`, () => {
      expect(declinedFor({ message, names })).to.be.oneOf(['content filter', 'content_filter']);
    });
  for (const message of ['Your request was blocked.', 'No permission for this model', 'content: Field required'])
    it(`nothing is declined: ${message}`, () => {
      expect(declinedFor({ message, names: [invalid, 403] })).to.equal(undefined);
    });

  for (const [words, ms] of [
    ['Rate limit reached: Limit 200000, Used 199999. Please try again in 59m12.5s. Need more?', 3_552_500],
    ['Please try again in 6ms.', 6],
    ['Please try again in 1h2m3s', 3_723_000],
    ['No deployments available, Try again in 60 seconds. Passed model=x', 60_000],
    ['Please retry after 26 seconds.', 26_000],
    ['You exceeded your current quota.\nPlease retry in 34.074824224s.', 34_075],
    ['Please wait 2 minutes and 5 seconds', 125_000],
    ['Please retry after 1 day', 86_400_000],
    ['please wait before trying again', undefined],
    ['Please try again later. 3 seconds is not it', undefined],
  ] as const)
    it(`the words of a rate limit tell how long it lasts: ${words}`, () => {
      expect(httpFailure('x', { status: 429, detail: words }).retryAfterMs).to.equal(ms);
      const headers = new Headers({ 'retry-after': '7' });
      expect(httpFailure('x', { status: 429, detail: words, headers }).retryAfterMs, 'a header goes before').to.equal(7_000);
      expect(httpFailure('x', { status: 400, detail: words }).retryAfterMs, 'a wrong request').to.equal(undefined);
    });
});
