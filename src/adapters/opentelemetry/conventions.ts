import { present } from '../../domain/index.ts';

/**
 * Names of attributes. Those of OpenTelemetry's conventions are written down here, once: the ones that begin with
 * `gen_ai.` are still in development, and change (https://github.com/open-telemetry/semantic-conventions-genai).
 */
export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  agent: 'gen_ai.agent.name',
  conversation: 'gen_ai.conversation.id',
  requestModel: 'gen_ai.request.model',
  responseModel: 'gen_ai.response.model',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cacheReadTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteTokens: 'gen_ai.usage.cache_creation.input_tokens',
  tool: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  // Content: only where it is asked for.
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  instructions: 'gen_ai.system_instructions',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
} as const;

/** What `gen_ai.operation.name` may say. */
export const OPERATIONS = { chat: 'chat', tool: 'execute_tool', agent: 'invoke_agent' } as const;

/** Stable since 1.23. */
export const ERROR_TYPE = 'error.type';

/** Kept's own. */
export const KEPT = {
  chat: 'kept.chat_id',
  message: 'kept.message_id',
  rule: 'kept.rule',
  verdict: 'kept.verdict',
  edit: 'kept.edit',
  files: 'kept.files',
  turn: 'kept.turn_id',
  outcome: 'kept.outcome',
  messages: 'kept.messages',
  promises: 'kept.promises',
  promise: 'kept.promise_id',
  attempt: 'kept.attempt',
  taskType: 'kept.task_type',
  status: 'kept.status',
  outbox: 'kept.outbox_id',
  sends: 'kept.sends',
  gateway: 'kept.gateway',
  run: 'kept.run',
  workspace: 'kept.workspace',
  toolCalls: 'kept.tool_calls',
} as const;

export const RESOURCE = {
  service: 'service.name',
  version: 'service.version',
  instance: 'service.instance.id',
  host: 'host.name',
  pid: 'process.pid',
  role: 'kept.role',
} as const;

/** Makers as the conventions call them, where Kept calls them otherwise. */
const MAKERS: Readonly<Record<string, string>> = { google: 'gcp.gemini', xai: 'x_ai', mistral: 'mistral_ai' };

/** The maker and the model: `anthropic/claude-x` is `claude-x` of `anthropic`; a name without a maker says none. */
export const modelOf = (name: string): { readonly model: string; readonly maker?: string } => {
  const [, maker, model = name] = /^(?:ai-sdk:)?(.*)\/([^/]*)$/.exec(name) ?? [];
  return { model, ...present({ maker: maker && (MAKERS[maker] ?? maker) }) };
};
