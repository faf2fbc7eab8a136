import type { PortErrorCode } from '../port-error.ts';

/** What the API of a model says about a request that it refused. */
export interface ModelRefusal {
  readonly status: number;
  /** Its own names for what is wrong: `error.code`, `error.type`. */
  readonly names: readonly unknown[];
  readonly message: string;
}

const TOO_LONG_NAMES: ReadonlySet<unknown> = new Set([
  'context_length_exceeded',
  'context_window_exceeded',
  'model_context_window_exceeded',
  'exceed_context_size_error',
  'request_too_large',
  'request_body_too_large_after_decoding',
  'prompt_too_long',
]);

const NO_SUCH_MODEL_NAMES: ReadonlySet<unknown> = new Set(['model_not_found', 'DeploymentNotFound']);

const OUT_OF_CREDIT_NAMES: ReadonlySet<unknown> = new Set([
  'billing_error',
  'billing_hard_limit_reached',
  'billing_not_active',
  'credit_balance_too_low',
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'exceeded_current_quota_error',
  'insufficient_balance',
  'insufficient_quota',
  'organization_spend_limit_exceeded',
  'organization_usage_limit_exceeded',
  'project_spend_limit_exceeded',
  'Arrearage',
  'budget_exceeded',
  '1113',
]);

/** The same in words, for servers that name neither: each is what one of them answers. */
const TOO_LONG_WORDS: readonly RegExp[] = [
  // Anthropic, Fireworks, Ollama
  /\bprompt (?:is )?too long\b/i,
  /\binput length and `?max_tokens`? exceed context limit/i,
  // OpenAI, Azure, vLLM, DeepSeek, OpenRouter, Groq
  /\bmaximum context length (?:is|of) \d/i,
  /\bexceeds the context window\b/i,
  /\breduce the length of the (?:messages|prompt|input)/i,
  // Mistral, SGLang, Together
  /\btoo large for model with \d+ maximum context length/i,
  /\blonger than the model's context length/i,
  // llama.cpp, LM Studio, Ollama, Kimi, MiniMax
  /\bexceeds? the available context size\b/i,
  /\bgreater than the context length\b/i,
  /\binput length exceeds (?:the |maximum )?context length/i,
  /\bexceeded model token limit\b/i,
  /\bcontext window exceeds limit\b/i,
  // Gemini, Bedrock, xAI, DashScope, Text Generation Inference
  /\binput token count .{0,40}exceeds the maximum/i,
  /\binput is too long for (?:the )?requested model/i,
  /\bmaximum prompt length is \d/i,
  /\brange of input length should be\b/i,
  /`inputs` tokens \+ `max_new_tokens` must be\b/i,
  // OpenAI and Groq, of one request that no rate will ever let through
  /\brequest too large for\b/i,
];

const WRONG_KEY = /\bapi key not valid\b|\b(?:incorrect|invalid) api key\b/i;

const OUT_OF_CREDIT_WORDS: readonly RegExp[] = [
  /\bcredit balance is too low\b/i,
  /\byou have reached your specified (?:\w+ )?api usage limits/i,
  /\binsufficient (?:account )?balance\b/i,
  /\binsufficient credits\b/i,
  /\bused all available credits\b/i,
  /\bcredit limit exceeded\b/i,
  /\bbilling hard limit\b/i,
  /\breached your usage limit for this billing cycle\b/i,
];

/**
 * Filters before a model that refuse a request by its contents, or stop a reply: OpenAI, Azure, Kimi, DashScope, Zhipu.
 */
const FILTER_NAMES: ReadonlySet<unknown> = new Set([
  ...[
    'content_filter',
    'content_policy_violation',
    'invalid_prompt',
    'data_inspection_failed',
    'DataInspectionFailed',
    '1301',
    'cyber_policy',
  ],
]);

/** The same in words: Anthropic; OpenRouter; xAI; Azure; DeepSeek; DashScope. */
const FILTER_WORDS: readonly RegExp[] = [
  /\bblocked by (?:the |our )?content[- ](?:filter|moderation)/i,
  /\b(?:input|prompt) (?:was|has been) (?:flagged|blocked)\b|\brequest (?:was|has been) flagged\b/i,
  /\bviolates? (?:our |the )?(?:usage|content|safety) (?:guidelines|polic)/i,
  /\bcontent management policy\b/i,
  /\bcontent exists risk\b/i,
  /\bmay contain inappropriate content\b/i,
];

/** Why a request was declined for what it says, in a word; undefined for every other refusal. */
export const declinedFor = ({ names, message }: Omit<ModelRefusal, 'status'>): string | undefined => {
  const name = names.find((one) => FILTER_NAMES.has(one));
  if (name !== undefined) return String(name);
  return FILTER_WORDS.some((words) => words.test(message)) ? 'content filter' : undefined;
};

/**
 * The one of these that a refusal stands for; undefined for every other. `too-long`: a shorter request may be answered,
 * the same one never. `out-of-credit`: what its owner had paid for is spent. `not-found`: it has no such model. Each
 * comes under many statuses. `unauthorised`: the key is wrong, also where the status says that the request is (Gemini,
 * xAI).
 */
export const modelRefusalCode = ({ status, names, message }: ModelRefusal): PortErrorCode | undefined => {
  if (status === 402 || names.some((name) => OUT_OF_CREDIT_NAMES.has(name))) return 'out-of-credit';
  if (status === 400 && WRONG_KEY.test(message)) return 'unauthorised';
  if (status === 413 || names.some((name) => TOO_LONG_NAMES.has(name))) return 'too-long';
  if (names.some((name) => NO_SUCH_MODEL_NAMES.has(name))) return 'not-found';
  if (OUT_OF_CREDIT_WORDS.some((words) => words.test(message))) return 'out-of-credit';
  return TOO_LONG_WORDS.some((words) => words.test(message)) ? 'too-long' : undefined;
};
