import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { ToolCall } from '../../domain/conversation/conversation.ts';
import { NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import { MAX_CALLS_LENGTH, MAX_CALLS_READ, MAX_REPLY_LENGTH, type ModelEvent, type ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';

const STOPS: Readonly<Record<string, ModelReply['stop']>> = {
  stop: 'end',
  tool_calls: 'tool_calls',
  length: 'length',
  content_filter: 'refusal',
};

interface GrowingCall {
  id: string | undefined;
  tool: string;
  json: string;
}

/**
 * Puts a reply together from the chunks of its stream, and passes its text on as it comes. Reads what compatible servers leave out:
 * usage, ids and indices of tool calls.
 */
export const makeReplyReader = (options: {
  readonly who: string;
  /** As it was asked for; the server may name it more exactly. */
  readonly model: string;
  /** For calls that come without an id. */
  readonly callPrefix: string;
  readonly onEvent: (event: ModelEvent) => void;
}) => {
  const { who, callPrefix, onEvent } = options;
  const calls: GrowingCall[] = [];
  /** The newest of each index. */
  const newest = new Map<number, GrowingCall>();
  let { model } = options;
  let text = '';
  let usage: Usage = NO_USAGE;
  let finish: string | undefined;
  let refused = false;
  let callsLength = 0;

  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });
  const say = (said: string): void => {
    const more = said.slice(0, MAX_REPLY_LENGTH - text.length);
    text += more;
    onEvent({ type: 'text', text: more });
  };

  return {
    read(chunk: ChatCompletionChunk): void {
      if (typeof chunk !== 'object' || chunk === null) throw malformed('sent a chunk that is no object');
      model = chunk.model || model;
      if (chunk.usage) usage = toUsage(chunk.usage);
      const choice = chunk.choices?.[0];
      if (!choice) return;
      const { content, refusal, tool_calls: parts } = choice.delta ?? {};
      for (const part of parts ?? []) callsLength += addTo(calls, newest, part, MAX_CALLS_LENGTH - callsLength);
      refused ||= Boolean(refusal);
      const more = content || refusal;
      if (more) say(more);
      else onEvent({ type: 'activity' });
      finish = choice.finish_reason ?? finish;
    },

    /** Its text is as long as any may be: nothing more of it is of use. */
    isFull: (): boolean => text.length >= MAX_REPLY_LENGTH,

    /**
     * The whole reply, or the beginning of one that is too long; throws PortError `malformed-reply` when the stream
     * ended before the message did.
     */
    reply(): ModelReply {
      if (text.length >= MAX_REPLY_LENGTH) return { text, toolCalls: [], stop: 'length', usage, model };
      if (finish === undefined) throw malformed('ended its stream before the reply was complete');
      const known = STOPS[finish];
      if (known === undefined) throw malformed(`stopped for a reason that is not known here: ${String(finish).slice(0, 100)}`);
      if (known === 'tool_calls' && calls.length === 0) throw malformed('stopped to call tools and named none');
      // Some compatible servers end a complete tool call with `stop`; a cut one never ends so.
      const stop = refused ? 'refusal' : known === 'end' && calls.length > 0 ? 'tool_calls' : known;
      const toolCalls = stop === 'tool_calls' ? calls.map((call, n) => toToolCall(call, `${callPrefix}_${n + 1}`)) : [];
      return { text, toolCalls, stop, usage, model };
    },
  };
};

/**
 * A part belongs to the call of its index; without one, to the newest call, unless it names a tool or brings an id of
 * its own. Of its arguments `room` is taken at the most; returns how much that was.
 */
const addTo = (
  calls: GrowingCall[],
  newest: Map<number, GrowingCall>,
  part: ChatCompletionChunk.Choice.Delta.ToolCall,
  room: number,
): number => {
  const index: number | undefined = part.index ?? undefined;
  let call = index === undefined ? calls.at(-1) : newest.get(index);
  const tool = part.function?.name || '';
  const isOther = call && tool !== '' && (part.id ? call.id !== part.id : index === undefined);
  if (!call || isOther) {
    if (calls.length >= MAX_CALLS_READ) return 0;
    call = { id: undefined, tool: '', json: '' };
    calls.push(call);
    if (index !== undefined) newest.set(index, call);
  }
  call.id ||= part.id || undefined;
  call.tool ||= tool;
  const more = (part.function?.arguments ?? '').slice(0, room);
  call.json += more;
  return more.length;
};

/**
 * Arguments that are not JSON go to the tool as they are: it refuses them in words that let the model correct itself,
 * which is cheaper than asking for the whole reply again.
 */
const toToolCall = ({ id, tool, json }: GrowingCall, spareId: string): ToolCall => {
  if (json.trim() === '') return { id: id ?? spareId, tool, input: {} };
  try {
    return { id: id ?? spareId, tool, input: JSON.parse(json) };
  } catch (error) {
    if (error instanceof SyntaxError) return { id: id ?? spareId, tool, input: json };
    throw error;
  }
};

/** Cached tokens are part of the prompt's count here; in `Usage` each token counts once. */
const toUsage = (usage: NonNullable<ChatCompletionChunk['usage']>): Usage => {
  const cacheReadTokens = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const cacheWriteTokens = usage.prompt_tokens_details?.cache_write_tokens ?? 0;
  return {
    inputTokens: Math.max(0, (usage.prompt_tokens ?? 0) - cacheReadTokens - cacheWriteTokens),
    outputTokens: usage.completion_tokens ?? 0,
    cacheReadTokens,
    cacheWriteTokens,
  };
};
