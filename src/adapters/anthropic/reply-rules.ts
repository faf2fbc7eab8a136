import type { RawMessageStreamEvent, RefusalStopDetails } from '@anthropic-ai/sdk/resources/messages';
import type { ToolCall } from '../../domain/conversation/conversation.ts';
import type { Usage } from '../../domain/conversation/turn.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { type Finish, finishOf } from '../../ports/adapter-kit/model-finish.ts';
import type { ModelReply } from '../../ports/language-model.ts';
import type { ToolUse } from './blocks.ts';

/** What a stream has told of its reply so far, text and blocks apart. Pure. */
export interface ReplyProgress {
  readonly model: string;
  readonly usage: Usage;
  readonly stopReason?: string;
  readonly refusal?: string;
  /** The message is over: some servers leave the connection open then. */
  readonly isOver: boolean;
}

export const firstProgress = (model: string): ReplyProgress => ({
  model,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 },
  isOver: false,
});

export const nextProgress = (progress: ReplyProgress, event: RawMessageStreamEvent): ReplyProgress => {
  switch (event.type) {
    case 'message_start':
      return {
        ...progress,
        model: event.message?.model ?? progress.model,
        usage: usageAfter(progress.usage, event.message?.usage ?? {}),
      };
    case 'message_delta':
      return {
        ...progress,
        usage: usageAfter(progress.usage, event.usage ?? {}),
        ...present({ stopReason: event.delta?.stop_reason ?? undefined, refusal: refusalOf(event.delta?.stop_details) }),
      };
    case 'message_stop':
      return { ...progress, isOver: true };
    default:
      return progress;
  }
};

/** The reply says why it ends, or is over: nothing that breaks later takes it back. */
export const isComplete = ({ stopReason, isOver }: ReplyProgress): boolean => stopReason !== undefined || isOver;

/** The reply was cut: it is the beginning of a longer one. */
export const isCut = ({ stopReason }: ReplyProgress): boolean => finishFor(stopReason) === 'length';

/** How a reply ends whose stream has ended: `broken` says what is wrong with it. */
export type ReplyEnd = { readonly stop: ModelReply['stop']; readonly calls: readonly ToolCall[] } | { readonly broken: string };

export const endOfReply = (progress: ReplyProgress, text: string, uses: readonly ToolUse[]): ReplyEnd => {
  // Some servers end a reply without a word on why.
  if (!isComplete(progress)) return { broken: 'ended its stream before the reply was complete' };
  const reason = excerpt(String(progress.stopReason ?? null), 100);
  const finish = finishFor(progress.stopReason);
  if (finish === 'failure') return { broken: `broke its reply off: ${reason}` };
  const calls = callsOf(finish, uses);
  if (calls.length > 0) return { stop: 'tool_calls', calls };
  // Some servers announce calls and make none, and new reasons to stop come without notice.
  const stop = finish === 'tool_calls' || finish === 'unknown' ? 'end' : finish;
  if (stop === 'end' && finish !== 'end' && text.trim() === '') return { broken: `stopped for the reason ${reason}, and said nothing` };
  return { stop, calls };
};

/**
 * What a stop reason means here. A paused turn waits for more of the maker's own tools, which are never asked for: what
 * there is of it is a beginning.
 */
const finishFor = (reason: string | undefined): Finish =>
  reason === undefined ? 'unknown' : reason === 'pause_turn' ? 'length' : finishOf(reason);

/** Counts are totals of the whole message, which only grow; some servers end with zeros. */
const usageAfter = (
  usage: Usage,
  now: {
    readonly input_tokens?: number | null;
    readonly output_tokens?: number | null;
    readonly cache_read_input_tokens?: number | null;
    readonly cache_creation_input_tokens?: number | null;
  },
): Usage => ({
  inputTokens: Math.max(usage.inputTokens, now.input_tokens ?? 0),
  outputTokens: Math.max(usage.outputTokens, now.output_tokens ?? 0),
  cacheReadTokens: Math.max(usage.cacheReadTokens, now.cache_read_input_tokens ?? 0),
  cacheWriteTokens: Math.max(usage.cacheWriteTokens, now.cache_creation_input_tokens ?? 0),
});

/** The category, and the maker's words for it if there are any. */
const refusalOf = (details: RefusalStopDetails | null | undefined): string | undefined => {
  const words = [details?.category?.replaceAll('_', ' '), details?.explanation].filter((one) => one);
  return words.length > 0 ? words.join(': ') : undefined;
};

/**
 * The calls to run: none of a reply that was cut or refused; only whole ones of a reply that does not announce
 * calls.
 */
const callsOf = (finish: Finish, uses: readonly ToolUse[]): readonly ToolCall[] => {
  if (finish === 'length' || finish === 'refusal') return [];
  const run = finish === 'tool_calls' ? uses : uses.filter(({ input }) => typeof input === 'object');
  return run.map(({ id, name, input }) => ({ id, tool: name, input }));
};
