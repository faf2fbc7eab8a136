/**
 * What a server of Chat Completions insists on. Each preset is one that people use, as it documents or answers it.
 */
export interface ServerRules {
  readonly name: string;
  /** Refuses parameters and fields that it does not know. */
  readonly refusesUnknown: boolean;
  /** The name of the limit of an answer; `by model`: OpenAI's reasoning models know the newer one only. */
  readonly limit: 'by model' | 'max_tokens' | 'max_completion_tokens' | 'either';
  readonly callIds: RegExp;
  /** A conversation with tool calls in it needs `tools`. */
  readonly callsNeedTools: boolean;
  /** Behind the system message, people and the model take turns; results stand behind their calls. */
  readonly rolesAlternate: boolean;
  /** A person can't speak right behind a tool, and the model not last. */
  readonly modelAnswersTools: boolean;
  /** No message is empty, or of spaces alone. */
  readonly refusesBlank: boolean;
  readonly optional: ReadonlySet<string>;
  /** Takes what a model thought back in the fields that compatible servers have for it. */
  readonly takesThoughts?: true;
  /** What of a model's thoughts it wants back: in each message of the model's, or with the first call of each. */
  readonly wants?: 'reasoning_content' | 'thought_signature';
  /** Parts of a person's message that it does not know. */
  readonly lacks?: readonly ('pictures' | 'files')[];
  /** How it says that, of a part of this type. */
  readonly saysLacking?: (type: string) => string;
  /** Content is text, and has no parts. */
  readonly contentIsText?: true;
}

const ALL = [
  ...['audio', 'frequency_penalty', 'function_call', 'functions', 'logit_bias', 'logprobs', 'max_completion_tokens', 'max_tokens'],
  ...['metadata', 'modalities', 'moderation', 'n', 'parallel_tool_calls', 'prediction', 'presence_penalty', 'prompt_cache_key'],
  ...['prompt_cache_options', 'prompt_cache_retention', 'reasoning_effort', 'response_format', 'safety_identifier', 'seed'],
  ...['service_tier', 'stop', 'store', 'stream', 'stream_options', 'temperature', 'tool_choice', 'tools', 'top_logprobs', 'top_p'],
  ...['user', 'verbosity', 'web_search_options'],
];

/** https://platform.openai.com/docs/api-reference/chat/create */
export const OPENAI: ServerRules = {
  name: 'OpenAI',
  refusesUnknown: true,
  limit: 'by model',
  callIds: /^.{1,40}$/s,
  callsNeedTools: false,
  rolesAlternate: false,
  modelAnswersTools: false,
  refusesBlank: false,
  optional: new Set(ALL),
};

/** https://docs.mistral.ai/api/: ids of nine letters and digits, an order of roles, and no parameter of others. */
export const MISTRAL: ServerRules = {
  ...OPENAI,
  name: 'Mistral',
  lacks: ['files'],
  limit: 'max_tokens',
  callIds: /^[A-Za-z0-9]{9}$/,
  modelAnswersTools: true,
  optional: new Set(ALL.filter((name) => !['max_completion_tokens', 'stream_options', 'reasoning_effort'].includes(name))),
};

/** LiteLLM before Anthropic's or Amazon's models: what those refuse comes through. */
export const LITELLM: ServerRules = {
  ...OPENAI,
  name: 'LiteLLM',
  limit: 'either',
  callIds: /^[A-Za-z0-9_-]+$/,
  callsNeedTools: true,
  refusesBlank: true,
};

/** vLLM or llama.cpp with the chat template of a small model. */
export const TEMPLATE: ServerRules = {
  ...OPENAI,
  name: 'a strict chat template',
  contentIsText: true,
  lacks: ['pictures', 'files'],
  refusesUnknown: false,
  limit: 'either',
  rolesAlternate: true,
  modelAnswersTools: true,
};

/** https://api-docs.deepseek.com/guides/thinking_mode#tool-calls; Kimi is alike, and takes no empty thought. */
export const DEEPSEEK: ServerRules = {
  ...OPENAI,
  name: 'DeepSeek',
  limit: 'either',
  takesThoughts: true,
  wants: 'reasoning_content',
  lacks: ['pictures', 'files'],
  saysLacking: (type) =>
    `Failed to deserialize the JSON body into the target type: messages[1]: unknown variant \`${type}\`, expected \`text\` at line 1 column 300`,
};

/** https://ai.google.dev/gemini-api/docs/thought-signatures: the calls of the turn that is under way are signed. */
export const GEMINI: ServerRules = { ...OPENAI, name: 'Gemini', limit: 'either', takesThoughts: true, wants: 'thought_signature' };

/** OpenAI's rules, at a server that may be another. */
export const COMPATIBLE: ServerRules = { ...OPENAI, name: 'a compatible server', takesThoughts: true };

/** llama.cpp without the part of a model that sees, which it says under 500; and one that says nothing of why. */
export const BLIND: ServerRules = {
  ...COMPATIBLE,
  name: 'a server that sees nothing',
  lacks: ['pictures', 'files'],
  saysLacking: (type) =>
    type === 'file' ? 'unsupported content[].type' : 'image input is not supported - hint: you may need to provide the mmproj',
};
export const SPEECHLESS: ServerRules = {
  ...COMPATIBLE,
  name: 'a server that says nothing',
  lacks: ['pictures', 'files'],
  saysLacking: () => 'bad request',
};

export const SERVERS: readonly ServerRules[] = [OPENAI, MISTRAL, LITELLM, TEMPLATE];
