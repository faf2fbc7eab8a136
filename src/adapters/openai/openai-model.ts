import { setImmediate } from 'node:timers/promises';
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import type { LanguageModel, ModelRequest } from '../../ports/language-model.ts';
import type { OpenAiClient } from './client.ts';
import { toChatMessages } from './conversation.ts';
import { asPortError } from './errors.ts';
import { makeReplyReader } from './reply.ts';

/** A server that sends faster than its stream is read must not take all of the process's time. */
const READ_AT_ONCE = 256;

/**
 * A model behind the Chat Completions API (https://platform.openai.com/docs/api-reference/chat), streamed: OpenAI's, or any that a
 * compatible server offers (Ollama, vLLM).
 * `outputLimit` names the field that limits the answer: OpenAI's own models know the first, all compatible servers the second.
 */
export const makeOpenAiModel = (options: {
  readonly client: OpenAiClient;
  readonly model: string;
  readonly name?: string;
  readonly outputLimit?: 'max_completion_tokens' | 'max_tokens';
}): LanguageModel => {
  const { client, model, name = `openai/${model}`, outputLimit = 'max_completion_tokens' } = options;
  return {
    name,
    async respond(request, { signal, onEvent }) {
      const onBytes = (): void => onEvent({ type: 'activity' });
      try {
        const reader = makeReplyReader({ who: name, model, callPrefix: `call_${request.conversation.length}`, onEvent });
        const chunks = await client.chat.completions.create(toParams(model, request, outputLimit), { signal, onBytes });
        let read = 0;
        for await (const chunk of chunks) {
          reader.read(chunk);
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

const toParams = (
  model: string,
  request: ModelRequest,
  outputLimit: 'max_completion_tokens' | 'max_tokens',
): ChatCompletionCreateParamsStreaming => ({
  model,
  stream: true,
  stream_options: { include_usage: true },
  [outputLimit]: request.maxOutputTokens,
  messages: toChatMessages(request.instructions, request.conversation),
  ...(request.tools.length === 0
    ? {}
    : {
        tools: request.tools.map(({ name, description, inputSchema }) => ({
          type: 'function' as const,
          function: { name, description, parameters: { ...inputSchema } },
        })),
      }),
});
