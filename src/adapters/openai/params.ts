import type {
  ChatCompletionCreateParamsStreaming,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import { present } from '../../domain/shared/present.ts';
import { declaredTools, wholeSchema } from '../../ports/adapter-kit/declared-tools.ts';
import type { ModelRequest, ToolSpec } from '../../ports/language-model.ts';
import { toChatMessages } from './conversation.ts';
import { type Dialect, effortFor, limitFor, type SentRequest } from './dialect.ts';
import { charactersOf, together } from './media-parts.ts';
import { makeReturned } from './thoughts.ts';

/** A request in the dialect of its server; `name`: of the model whose thoughts go back to it. */
export const toParams = (
  model: string,
  request: ModelRequest,
  dialect: Dialect,
  name = `openai/${model}`,
): ChatCompletionCreateParamsStreaming => {
  const { tools, toolChoice } = dialect.withoutTools ? { tools: [] } : declaredTools(request);
  const asked = {
    messages: messagesOf(request, dialect, name),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool) }),
  };
  const [limitName] = dialect.limitNames;
  const params: ChatCompletionCreateParamsStreaming = {
    model,
    stream: true,
    stream_options: { include_usage: true },
    ...(limitName === undefined ? {} : { [limitName]: limitFor(dialect, request.maxOutputTokens, charactersOf(asked)) }),
    ...present({ reasoning_effort: effortFor(dialect, request.effort, tools.length > 0) }),
    ...asked,
    ...present({ tool_choice: toolChoice }),
  };
  // `stream_options` go with a stream only.
  const omitted = new Set([...dialect.omitted, ...(dialect.omitted.includes('stream') ? ['stream_options'] : [])]);
  return Object.fromEntries(Object.entries(params).filter(([name]) => !omitted.has(name))) as typeof params;
};

const messagesOf = ({ instructions, conversation }: ModelRequest, dialect: Dialect, name: string): ChatCompletionMessageParam[] => {
  const tools = dialect.withoutTools ? 'without tools' : 'with tools';
  const messages = toChatMessages(instructions, conversation, tools, makeReturned(name, dialect.thoughts), dialect.unshown);
  const [system, first, ...others] = messages;
  const isFolded = dialect.withoutSystem && system?.role === 'system' && first?.role === 'user';
  const folded = isFolded ? [{ ...first, content: together(`${system.content}`, first.content) }, ...others] : messages;
  return dialect.withoutNull ? folded.map((message) => (message.content === null ? { ...message, content: '' } : message)) : folded;
};

/** What a dialect decides on of a request that was sent. */
export const sentOf = (params: ChatCompletionCreateParamsStreaming): SentRequest => {
  const { messages, tools } = params;
  return {
    names: Object.keys(params),
    limit: params.max_completion_tokens ?? params.max_tokens ?? undefined,
    characters: charactersOf({ messages, tools }),
    hasSpoken: messages.some(({ role }) => role === 'assistant'),
    hasNull: messages.some(({ content }) => content === null),
  };
};

const toTool = (tool: ToolSpec): ChatCompletionTool => ({
  type: 'function',
  function: { name: tool.name, description: tool.description, parameters: wholeSchema(tool) },
});
