import type { RawMessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import type { ToolCall } from '../../domain/conversation/conversation.ts';
import type { Usage } from '../../domain/conversation/turn.ts';
import { MAX_CALLS_LENGTH, MAX_CALLS_READ, MAX_REPLY_LENGTH, type ModelEvent, type ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';

const STOPS: Readonly<Record<string, ModelReply['stop']>> = {
  end_turn: 'end',
  stop_sequence: 'end',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
};

/** Puts a reply together from the events of its stream, and passes its text on as it comes. */
export const makeReplyReader = (who: string, onEvent: (event: ModelEvent) => void) => {
  const calls = new Map<number, { id: string; tool: string; input: unknown; json: string }>();
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  let text = '';
  let callsLength = 0;
  let model: string | undefined;
  let stopReason: string | null = null;

  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });
  const say = (said: string): void => {
    const more = said.slice(0, MAX_REPLY_LENGTH - text.length);
    if (more === '') return;
    text += more;
    onEvent({ type: 'text', text: more });
  };
  /** Counts are totals of the whole message; those that don't apply are left out. */
  const count = (now: {
    input_tokens?: number | null;
    output_tokens?: number | null;
    cache_read_input_tokens?: number | null;
    cache_creation_input_tokens?: number | null;
  }): void => {
    usage.inputTokens = now.input_tokens ?? usage.inputTokens;
    usage.outputTokens = now.output_tokens ?? usage.outputTokens;
    usage.cacheReadTokens = now.cache_read_input_tokens ?? usage.cacheReadTokens;
    usage.cacheWriteTokens = now.cache_creation_input_tokens ?? usage.cacheWriteTokens;
  };

  return {
    read(event: RawMessageStreamEvent): void {
      if (typeof event !== 'object' || event === null) throw malformed('sent an event that is no object');
      switch (event.type) {
        case 'message_start':
          model = event.message?.model;
          count(event.message?.usage ?? {});
          return;
        case 'content_block_start':
          if (event.content_block?.type === 'tool_use') {
            const { id, name, input } = event.content_block;
            if (calls.size < MAX_CALLS_READ) calls.set(event.index, { id, tool: name, input, json: '' });
          }
          if (event.content_block?.type === 'text') say(event.content_block.text);
          else onEvent({ type: 'activity' });
          return;
        case 'content_block_delta': {
          const { delta, index } = event;
          const call = calls.get(index);
          if (delta?.type === 'input_json_delta' && call) {
            const part = delta.partial_json.slice(0, MAX_CALLS_LENGTH - callsLength);
            call.json += part;
            callsLength += part.length;
          }
          if (delta?.type === 'text_delta') say(delta.text);
          else onEvent({ type: 'activity' });
          return;
        }
        case 'message_delta':
          stopReason = event.delta?.stop_reason ?? stopReason;
          count(event.usage ?? {});
          return;
        default:
          onEvent({ type: 'activity' });
      }
    },

    /** Its text is as long as any may be: nothing more of it is of use. */
    isFull: (): boolean => text.length >= MAX_REPLY_LENGTH,

    /**
     * The whole reply, or the beginning of one that is too long; throws PortError `malformed-reply` when the stream
     * ended before the message did.
     */
    reply(): ModelReply {
      if (text.length >= MAX_REPLY_LENGTH) return { text, toolCalls: [], stop: 'length', usage: { ...usage }, model: model ?? who };
      if (model === undefined || stopReason === null) throw malformed('ended its stream before the reply was complete');
      const stop = STOPS[stopReason];
      if (stop === undefined) throw malformed(`stopped for a reason that is not known here: ${String(stopReason).slice(0, 100)}`);
      const toolCalls = stop === 'tool_calls' ? [...calls.values()].map(toToolCall) : [];
      if (stop === 'tool_calls' && toolCalls.length === 0) throw malformed('stopped to call tools and named none');
      return { text, toolCalls, stop, usage: { ...usage } satisfies Usage, model };
    },
  };
};

/**
 * Arguments that are not JSON go to the tool as they are: it refuses them in words that let the model correct itself,
 * which is cheaper than asking for the whole reply again.
 */
const toToolCall = ({ id, tool, input, json }: { id: string; tool: string; input: unknown; json: string }): ToolCall => {
  if (json === '') return { id, tool, input };
  try {
    return { id, tool, input: JSON.parse(json) };
  } catch (error) {
    if (error instanceof SyntaxError) return { id, tool, input: json };
    throw error;
  }
};
