import { setImmediate } from 'node:timers/promises';
import type { MessageCreateParamsStreaming, RawMessageStreamEvent, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { LanguageModel, ModelRequest, ToolSpec } from '../../ports/language-model.ts';
import type { AnthropicClient } from './client.ts';
import { toMessages } from './conversation.ts';
import { asPortError } from './errors.ts';
import { makeReplyReader } from './reply.ts';

/** A server that sends faster than its stream is read must not take all of the process's time. */
const READ_AT_ONCE = 256;

/** Claude through the Messages API (https://platform.claude.com/docs/en/api/messages), streamed, with prompt caching. */
export const makeAnthropicModel = ({ client, model }: { readonly client: AnthropicClient; readonly model: string }): LanguageModel => {
  const name = `anthropic/${model}`;
  return {
    name,
    async respond(request, { signal, onEvent }) {
      const onBytes = (): void => onEvent({ type: 'activity' });
      try {
        const reader = makeReplyReader(name, onEvent);
        const events: AsyncIterable<RawMessageStreamEvent> = await client.messages.create(toParams(model, request), { signal, onBytes });
        let read = 0;
        for await (const event of events) {
          reader.read(event);
          if (++read % READ_AT_ONCE === 0) await setImmediate();
          if (reader.isFull()) break;
        }
        // The SDK ends an aborted stream as if it were complete.
        signal.throwIfAborted();
        return reader.reply();
      } catch (error) {
        throw asPortError(error, name, signal);
      }
    },
  };
};

/** The instructions' cache point covers the tools too: they come first in what the API caches. */
const toParams = (model: string, request: ModelRequest): MessageCreateParamsStreaming => ({
  model,
  stream: true,
  max_tokens: request.maxOutputTokens,
  messages: toMessages(request.conversation),
  ...(request.instructions.trim() === ''
    ? {}
    : { system: [{ type: 'text', text: request.instructions, cache_control: { type: 'ephemeral' } }] }),
  ...toolParams(request),
});

/** The API refuses a conversation with tool calls in it where no tools are declared: then those it shows are, and may not be called. */
const toolParams = ({ tools, conversation }: ModelRequest): Pick<MessageCreateParamsStreaming, 'tools' | 'tool_choice'> => {
  if (tools.length > 0) return { tools: tools.map(toTool) };
  const called = new Set(conversation.flatMap((step) => (step.role === 'agent' ? step.toolCalls.map(({ tool }) => tool) : [])));
  if (called.size === 0) return {};
  const closed = [...called].map((name) => toTool({ name, description: 'Not available any more.', inputSchema: {} }));
  return { tools: closed, tool_choice: { type: 'none' } };
};

const toTool = ({ name, description, inputSchema }: ToolSpec): Tool => ({
  name,
  description,
  input_schema: { ...inputSchema, type: 'object' },
});
