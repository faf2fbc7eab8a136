import type { ToolCall } from '../../domain/conversation/conversation.ts';
import { NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { ModelServerNotices } from '../../ports/events.ts';
import { MAX_CALLS_LENGTH, MAX_CALLS_READ, MAX_REPLY_LENGTH, type ModelEvent, type ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';
import { makeReplyParts } from './reply-parts.ts';
import type { StreamPart, StreamUsage } from './spec.ts';

type FinishPart = Extract<StreamPart, { type: 'finish' }>;

/** Puts a reply together from the parts of its stream, and passes its text on as it comes. */
export const makeReplyReader = (options: {
  readonly who: string;
  /** As it was asked for; the provider may name it more exactly. */
  readonly model: string;
  readonly onEvent: (event: ModelEvent) => void;
  readonly notice: ModelServerNotices;
}) => {
  const { who, onEvent, notice } = options;
  const parts = makeReplyParts();
  const calls: ToolCall[] = [];
  let callsRoom = MAX_CALLS_LENGTH;
  let { model } = options;
  let text = '';
  let finish: FinishPart | undefined;

  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });
  const usage = (): Usage => (finish ? usageOf(finish.usage) : NO_USAGE);

  const say = (said: string): void => {
    const more = said.slice(0, MAX_REPLY_LENGTH - text.length);
    if (more === '') return;
    text += more;
    onEvent({ type: 'text', text: more });
  };

  const call = (part: Extract<StreamPart, { type: 'tool-call' }>): void => {
    if (part.providerExecuted || calls.length >= MAX_CALLS_READ) return;
    const input = inputOf(part.input.slice(0, callsRoom));
    callsRoom -= Math.min(callsRoom, part.input.length);
    calls.push({ id: part.toolCallId || `call_${calls.length + 1}`, tool: part.toolName, input });
    parts.call(part, input);
  };

  const endOf = ({ finishReason: { unified, raw } }: FinishPart): ModelReply['stop'] => {
    const words = excerpt(raw ?? unified, 100);
    const isAnswer = text.trim() !== '' || calls.length > 0;
    if (unified === 'interrupted') throw malformed('ended its stream before the reply was complete');
    if (unified === 'error') throw malformed(`broke its reply off: ${words}`);
    if (unified === 'length') return 'length';
    if (unified === 'content-filter') return 'refusal';
    if (unified === 'tool-calls' && !isAnswer) throw malformed('stopped to call tools and named none');
    if (!KNOWN.has(unified)) {
      if (!isAnswer) throw malformed(`stopped for a reason that is not known here: ${words}`);
      notice('unknown-finish', { model, reason: words });
    }
    return calls.length > 0 ? 'tool_calls' : 'end';
  };

  return {
    read(part: StreamPart): void {
      parts.add(part);
      if (part.type === 'text-delta') say(part.delta);
      if (part.type === 'tool-call') call(part);
      if (part.type === 'response-metadata') model = part.modelId || model;
      if (part.type === 'finish') finish = part;
      if (part.type === 'error') throw part.error;
    },
    /** Its text is as long as any may be: nothing more of it is of use. */
    isFull: (): boolean => text.length >= MAX_REPLY_LENGTH,
    /** It says why it ends: nothing that breaks later takes it back. */
    isComplete: (): boolean => finish !== undefined,
    /** Whether anything of it was passed on. */
    hasSpoken: (): boolean => text !== '',
    usage,

    /** The reply to a request that was declined before a model answered it. */
    declined: (why: string): ModelReply => ({ text, toolCalls: [], stop: 'refusal', refusal: why, usage: usage(), model }),

    /**
     * The whole reply, or the beginning of one that is too long; throws PortError `malformed-reply` where the stream
     * ended before the message did.
     */
    reply(): ModelReply {
      if (text.length >= MAX_REPLY_LENGTH) return { text, toolCalls: [], stop: 'length', usage: usage(), model };
      if (!finish) throw malformed('ended its stream before the reply was complete');
      const stop = endOf(finish);
      const content = stop === 'tool_calls' ? parts.returned() : undefined;
      return {
        text,
        toolCalls: stop === 'tool_calls' ? calls : [],
        stop,
        ...present({ refusal: stop === 'refusal' ? finish.finishReason.raw : undefined, attached: content && { by: who, content } }),
        usage: usage(),
        model,
      };
    },
  };
};

export type ReplyReader = ReturnType<typeof makeReplyReader>;

const KNOWN: ReadonlySet<string> = new Set(['stop', 'tool-calls']);

/** What is no JSON goes to the tool as it is: it refuses it in words that let the model correct itself. */
const inputOf = (json: string): unknown => {
  if (json.trim() === '') return {};
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return json;
    throw error;
  }
};

/** In `Usage` each token counts once; providers that know no parts tell the sum. */
const usageOf = ({ inputTokens, outputTokens }: StreamUsage): Usage => {
  const [cacheReadTokens, cacheWriteTokens] = [countOf(inputTokens.cacheRead), countOf(inputTokens.cacheWrite)];
  const rest = Math.max(0, countOf(inputTokens.total) - cacheReadTokens - cacheWriteTokens);
  return {
    inputTokens: inputTokens.noCache === undefined ? rest : countOf(inputTokens.noCache),
    outputTokens: countOf(outputTokens.total),
    cacheReadTokens,
    cacheWriteTokens,
  };
};

const countOf = (count: number | undefined): number => (count !== undefined && count > 0 ? Math.round(count) : 0);
