import type { ChatKind } from '../domain/chat/chat.ts';
import type { ChatId, MessageId, UserId } from '../domain/chat/ids.ts';
import type { TurnDraft } from '../domain/conversation/decision.ts';
import type { PromiseId } from '../domain/promise/promise.ts';
import type { Provenance, TrustLabel } from '../domain/trust/labels.ts';
import type { Shown } from '../domain/trust/shown.ts';
import type { Scope } from '../domain/workspace/policy.ts';
import type { ToolSpec } from './language-model.ts';

/** A message that a turn answers, and its sender. */
export interface Asked {
  readonly messageId: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
}

/** What a tool may know about the run that calls it. */
export interface ToolContext {
  readonly chatId: ChatId;
  readonly chatKind: ChatKind;
  readonly messageId?: MessageId;
  readonly requestedBy: { readonly id: UserId; readonly username?: string };
  /**
   * The messages that the run answers, oldest first: what is made may belong to any of them. The last one is
   * `messageId`. Absent if no message is answered.
   */
  readonly asked?: readonly Asked[];
  readonly scope: Scope;
  /** The agent that calls. */
  readonly agent?: string;
  /** The promise whose run calls; `isCall`: the promise is this one call. Absent while a message is answered. */
  readonly promise?: { readonly id: PromiseId; readonly isCall?: true };
  readonly signal: AbortSignal;
  /** Absent when a promise is being kept: then nothing may be promised. */
  readonly draft?: TurnDraft;
  /**
   * Names this call. If a process dies during the call, the same key names it when the run goes on. Absent if the run
   * is not journalled.
   */
  readonly callKey?: string;
  /** Names or patterns of the skills that the agent may read. Absent: none. */
  readonly skills?: readonly string[];
  /** Tells the people who wait, in a few words, what the tool is at. Absent while a message is answered. */
  readonly progress?: (text: string) => void;
  /**
   * What the run was shown so far, also by an earlier process: what is made from it inherits its labels. Absent where
   * no model calls the tool.
   */
  readonly shown?: Shown;
}

export interface ToolOutcome {
  readonly output: string;
  readonly isError: boolean;
  /** Of a tool that acts: it may have taken effect, and nobody can tell. */
  readonly isUnknown?: true;
  /** Where the output comes from, beside what the tool itself says of its source. */
  readonly provenance?: Provenance;
}

/**
 * What a call of a tool changes.
 * - `reads`: nothing.
 * - `decides`: nothing yet. It adds to the decisions of the turn in `context.draft`, which commit with the turn.
 * - `acts`: something outside of the turn, at once. It never runs while a message is answered.
 */
export type ToolEffect = 'reads' | 'decides' | 'acts';

/** The default for how long one call of a tool may take, in ms. */
export const DEFAULT_TOOL_TIMEOUT_MS = 30_000;

/** Something that an agent may call. */
export interface Tool extends ToolSpec {
  /** MUST NOT change more than its effect says. */
  readonly effect: ToolEffect;
  /** What it does, in a few words for the people who wait, such as `searching the web`. */
  readonly activity: string;
  /** A call that takes longer is aborted, and the model is told so. */
  readonly timeoutMs: number;
  /** The name under which a call of it has a price: `perplexity/search`. Absent: it costs nothing. */
  readonly price?: string;
  /** Where its output comes from. Absent: from Kept itself, or from what was said in the chat. */
  readonly source?: TrustLabel;
  /** Its output may hold what only this workspace or person may know. */
  readonly readsPrivate?: true;
  /** Its arguments leave for a service outside of this installation. */
  readonly sendsOut?: true;
  /** Whoever offers it says that it changes nothing. That counts only where the operator has listed it as safe. */
  readonly isSaidToRead?: true;
  /**
   * MUST check `input` against its schema, and answer a misuse with `isError` and words that let a model do better.
   * MUST stay within `context.scope`. MUST end soon after `context.signal` aborts. MAY reject with PortError: the model
   * is told, and the run goes on; only `could-not`, outside of a turn, ends the run, and its promise is not kept. A
   * tool that acts and rejects may have taken effect, unless its error is one of `isNotBegun`.
   */
  run(input: unknown, context: ToolContext): Promise<ToolOutcome>;
  /**
   * What became of the call with `context.callKey`, whose process died before the outcome was stored: its outcome;
   * `not-run` if it changed nothing, so that it may run now; `unknown` if that can't be told. Absent: it is `unknown`
   * for a tool that acts, and others are run again.
   */
  outcomeOf?(input: unknown, context: ToolContext & { readonly callKey: string }): Promise<ToolOutcome | 'not-run' | 'unknown'>;
}
