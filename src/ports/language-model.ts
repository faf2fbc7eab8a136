import type { Effort } from '../domain/agent/agent.ts';
import type { Attached, ConversationStep, ToolCall } from '../domain/conversation/conversation.ts';
import type { Usage } from '../domain/conversation/turn.ts';
import type { BeginCall } from './spending.ts';

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of the input: an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

/**
 * One request of a run. A run's requests only grow: instructions, tools and every earlier step stay as they were, to
 * the byte, from its first request to its last.
 */
export interface ModelRequest {
  readonly instructions: string;
  readonly conversation: readonly ConversationStep[];
  readonly tools: readonly ToolSpec[];
  /** `none`: the tools stay declared, and none may be called. Absent: the model decides. */
  readonly toolChoice?: 'none';
  readonly maxOutputTokens: number;
  /** How much the model should think. Default: the default of the model or of its settings. */
  readonly effort?: Effort;
}

export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  /** Something arrived that is not text yet (a ping, a comment, part of a tool call): the stream lives. */
  | { readonly type: 'activity' }
  /** What was streamed so far is void: another model starts from the beginning. */
  | { readonly type: 'restart' };

export interface ModelReply {
  readonly text: string;
  /** MUST be empty unless `stop` is `tool_calls`: arguments of a reply that was cut are never run. */
  readonly toolCalls: readonly ToolCall[];
  readonly stop: 'end' | 'tool_calls' | 'length' | 'refusal';
  /** With stop `refusal`: what the model declined, in its maker's words. The text of such a reply is no answer. */
  readonly refusal?: string;
  /** What the model wants back, unmodified, with the step that this reply becomes. */
  readonly attached?: Attached;
  readonly usage: Usage;
  /** Which model replied, as its maker names it. */
  readonly model: string;
  /** Which of several models replied, by its `name`, and how long it alone took. Absent: there is only one. */
  readonly by?: { readonly name: string; readonly durationMs: number };
}

/**
 * The longest text of a reply that is read, in UTF-16 units. It is longer than an answer may be, so that no secret is
 * cut in two at its end.
 */
export const MAX_REPLY_LENGTH = 120_000;
/**
 * The longest arguments of all tool calls of one reply that are read, in UTF-16 units of JSON. A call whose arguments
 * were cut is refused.
 */
export const MAX_CALLS_LENGTH = 2_000_000;
/** The most tool calls of one reply that are read; fewer are run. */
export const MAX_CALLS_READ = 10_000;

/**
 * A model that answers one request. MUST stream text through `onEvent` as it arrives, and the whole of it again in the
 * reply. MUST settle soon after `signal` aborts, by rejecting with PortError `aborted`; a partial reply MUST NOT
 * resolve. MUST reject with PortError: `rate-limited` and `unavailable` (retryable), `unauthorised`, `not-found`,
 * `out-of-credit`, `too-long`, `invalid-request`, `malformed-reply`; with the `usage` that a call had told before it
 * broke. SHOULD stop reading a text longer than MAX_REPLY_LENGTH, and resolve with its beginning and stop `length`;
 * else the run aborts it there. MUST NOT retry or time out by itself: that is the application's. MUST ignore what
 * another model has attached to a step. MAY attach to a reply what it wants back with it; the next request of the run
 * has that, or nothing of what was attached until then. SHOULD reject with what the call had used (`usage`) where that
 * is known. MUST show the `media` of a step to the model before what the person says, each in its place, or tell it in
 * words which of them it can't be shown: none is left out without a word, and none fails the request that would be
 * answered without it. What a text holds MUST NOT pass for what somebody says, nor for a note of Kept's.
 */
export interface LanguageModel {
  /** `provider/model`, for people. */
  readonly name: string;
  /** The most that it writes in one reply, whatever a request asks for. Absent: as much as is asked for. */
  readonly maxOutputTokens?: number;
  /** Its calls are begun and ended with `beginCall`, each by itself. Only a chain of models says so. */
  readonly isMetered?: true;
  respond(
    request: ModelRequest,
    options: {
      readonly signal: AbortSignal;
      readonly onEvent: (event: ModelEvent) => void;
      /**
       * When the caller stops waiting, in ms since 1970. The chain of models uses it to ask another model in time;
       * adapters may ignore it.
       */
      readonly answerBy?: number | undefined;
      /** Begins each call of a model with whoever pays for it. For chains of models; adapters ignore it. */
      readonly beginCall?: BeginCall | undefined;
    },
  ): Promise<ModelReply>;
}
