/** Long because the events of a stream all change one reply, and each kind of event has its case. */
import type { ContentBlockParam, RawMessageStreamEvent, RefusalStopDetails } from '@anthropic-ai/sdk/resources/messages';
import type { ToolCall } from '../../domain/conversation/conversation.ts';
import type { Usage } from '../../domain/conversation/turn.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { type Finish, finishOf } from '../../ports/adapter-kit/model-finish.ts';
import { makeThinkingFilter } from '../../ports/adapter-kit/thinking-filter.ts';
import { MAX_REPLY_LENGTH, type ModelEvent, type ModelReply } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';
import { makeBlocks, type ToolUse } from './blocks.ts';

/**
 * What a stop reason means here. A paused turn waits for more of the maker's own tools, which are never asked for: what
 * there is of it is a beginning.
 */
const finishFor = (reason: string | null): Finish => (reason === null ? 'unknown' : reason === 'pause_turn' ? 'length' : finishOf(reason));

/**
 * Puts a reply together from the events of its stream, and passes its text on as it comes: of a server that only speaks
 * like the API, without what its model thinks in the text (`without thoughts`).
 */
export const makeReplyReader = (
  who: string,
  onEvent: (event: ModelEvent) => void,
  texts: 'as they come' | 'without thoughts' = 'as they come',
) => {
  const blocks = makeBlocks();
  const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  let text = '';
  let model = who;
  let isOver = false;
  let hasBegun = false;
  let stopReason: string | null = null;
  let refusal: string | undefined;

  const malformed = (what: string): PortError => new PortError('malformed-reply', `${who} ${what}`, { retryable: true });
  const isComplete = (): boolean => stopReason !== null || isOver;
  const pass = (said: string): void => {
    const more = said.slice(0, MAX_REPLY_LENGTH - text.length);
    if (more === '') return;
    text += more;
    onEvent({ type: 'text', text: more });
  };
  const thinking =
    texts === 'as they come'
      ? { read: pass, end: () => undefined }
      : makeThinkingFilter({
          say: pass,
          takeBack: () => {
            if (text !== '') onEvent({ type: 'restart' });
            text = '';
          },
        });
  const say = (said: string | undefined): void => thinking.read(said ?? '');
  /** Counts are totals of the whole message, which only grow; some servers end with zeros. */
  const count = (now: {
    input_tokens?: number | null;
    output_tokens?: number | null;
    cache_read_input_tokens?: number | null;
    cache_creation_input_tokens?: number | null;
  }): void => {
    usage.inputTokens = Math.max(usage.inputTokens, now.input_tokens ?? 0);
    usage.outputTokens = Math.max(usage.outputTokens, now.output_tokens ?? 0);
    usage.cacheReadTokens = Math.max(usage.cacheReadTokens, now.cache_read_input_tokens ?? 0);
    usage.cacheWriteTokens = Math.max(usage.cacheWriteTokens, now.cache_creation_input_tokens ?? 0);
  };

  return {
    /** An event or a block of a type that is not known is passed over: the API adds such without notice. */
    read(event: RawMessageStreamEvent): void {
      if (typeof event !== 'object' || event === null) throw malformed('sent an event that is no object');
      hasBegun = true;
      switch (event.type) {
        case 'message_start':
          model = event.message?.model ?? model;
          count(event.message?.usage ?? {});
          return;
        case 'content_block_start':
          blocks.start(event.index, event.content_block);
          if (event.content_block?.type === 'text') say(event.content_block.text);
          else onEvent({ type: 'activity' });
          return;
        case 'content_block_delta':
          blocks.add(event.index, event.delta);
          if (event.delta?.type === 'text_delta') say(event.delta.text);
          else onEvent({ type: 'activity' });
          return;
        case 'message_delta':
          stopReason = event.delta?.stop_reason ?? stopReason;
          refusal = refusalOf(event.delta?.stop_details) ?? refusal;
          count(event.usage ?? {});
          return;
        case 'message_stop':
          isOver = true;
          return;
        default:
          onEvent({ type: 'activity' });
      }
    },

    /** Its text is as long as any may be: nothing more of it is of use. */
    isFull: (): boolean => text.length >= MAX_REPLY_LENGTH,

    /** It says why it ends: nothing that breaks behind that takes it back. */
    isComplete,

    /** The message is over: some servers leave the connection open then. */
    isOver: (): boolean => isOver,

    /** Whether anything of it has come. */
    hasBegun: (): boolean => hasBegun,

    /** What was counted so far: of a call that breaks, that is what it had used. */
    usage: (): Usage => ({ ...usage }),

    /** The reply to a request that was declined by another than the model. */
    declined: (why: string): ModelReply => ({ text, toolCalls: [], stop: 'refusal', refusal: why, usage: { ...usage }, model }),

    /**
     * The whole reply, or the beginning of one that is too long; throws PortError `malformed-reply` when the stream
     * ended before the message did. `returned`: its blocks, where the model wants them back.
     */
    reply(): Omit<ModelReply, 'attached'> & { readonly returned?: readonly ContentBlockParam[] } {
      thinking.end(stopReason !== null && finishFor(stopReason) === 'length');
      if (text.length >= MAX_REPLY_LENGTH) return { text, toolCalls: [], stop: 'length', usage: { ...usage }, model };
      // Some servers end a reply without a word on why.
      if (!isComplete()) throw malformed('ended its stream before the reply was complete');
      const told = finishFor(stopReason);
      if (told === 'failure') throw malformed(`broke its reply off: ${excerpt(String(stopReason), 100)}`);
      const calls = callsOf(told, blocks.toolUses());
      // Some servers say that a reply ends which calls tools, and new reasons to stop come without notice.
      const stop = calls.length > 0 ? 'tool_calls' : told === 'tool_calls' || told === 'unknown' ? 'end' : told;
      if (stop === 'end' && text.trim() === '' && told !== 'end')
        throw malformed(`stopped for the reason ${excerpt(String(stopReason), 100)}, and said nothing`);
      return {
        text,
        toolCalls: calls,
        stop,
        ...present({ refusal, returned: calls.length > 0 ? blocks.returned() : undefined }),
        usage: { ...usage },
        model,
      };
    },
  };
};

export type ReplyReader = ReturnType<typeof makeReplyReader>;

/** The category, and the maker's words for it where there are some. */
const refusalOf = (details: RefusalStopDetails | null | undefined): string | undefined => {
  const words = [details?.category?.replaceAll('_', ' '), details?.explanation].filter((one) => one);
  return words.length > 0 ? words.join(': ') : undefined;
};

/** The calls that are run: of a reply that was cut or refused none, of one that is said to end those that are whole. */
const callsOf = (stop: Finish, uses: readonly ToolUse[]): readonly ToolCall[] => {
  if (stop === 'length' || stop === 'refusal') return [];
  const run = stop === 'tool_calls' ? uses : uses.filter(({ input }) => typeof input === 'object');
  return run.map(({ id, name, input }) => ({ id, tool: name, input }));
};
