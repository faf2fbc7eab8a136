import type { ChatId } from '../chat/ids.ts';
import type { Usage } from '../conversation/turn.ts';
import type { PromiseId } from '../promise/promise.ts';
import type { Leg } from '../trust/judge-trust.ts';
import type { TrustLabel } from '../trust/labels.ts';

/** A run of an agent: its models, its tools, and what its answers claim. */
export type AgentEvent =
  | {
      /** A run of an agent is over, in a turn or in a promise. */
      readonly type: 'agent-run-ended';
      readonly agent: string;
      readonly chatId: ChatId;
      /** Absent in a turn. */
      readonly promiseId?: PromiseId;
      /** Absent where the chat belongs to no workspace. */
      readonly workspace?: string;
      /**
       * `done`: it came to an end of its own, also where it reports that its task can't be done: a file is not there.
       * `timeout`: it took longer than it may; in a turn it goes on as a promise, where that can be made. `paused`: it
       * waits for an approval. `stopped`: somebody or a stop of the process ended it.
       */
      readonly outcome: 'done' | 'failed' | 'timeout' | 'stopped' | 'paused';
      readonly durationMs: number;
    }
  | {
      readonly type: 'model-responded';
      /** As its maker names it in the reply. */
      readonly model: string;
      /** As it is asked, and as `model-failed` names it: `anthropic/claude-sonnet-5`. */
      readonly reference: string;
      readonly agent: string;
      readonly chatId: ChatId;
      readonly usage: Usage;
      readonly stop: string;
      /** The model failed, which is an event of its own, and this is what had arrived. Absent: it is a whole reply. */
      readonly brokeOff?: true;
      readonly toolCalls: number;
      /** How long this model took, without those that were asked before it. */
      readonly durationMs: number;
    }
  | {
      readonly type: 'model-failed';
      readonly model: string;
      /** The code of the PortError, or `unknown`. */
      readonly code: string;
      readonly reason: string;
      /** The model that is asked next, or `none`. */
      readonly next: string;
      /** How long it was waited for. */
      readonly durationMs: number;
      /** Present where the failure is none that a port allows. */
      readonly error?: unknown;
    }
  | {
      readonly type: 'model-retried';
      readonly model: string;
      readonly attempt: number;
      readonly waitMs: number;
      readonly reason: string;
    }
  | { readonly type: 'model-declined'; readonly model: string; readonly declined?: string; readonly next: string }
  | { readonly type: 'model-request-shortened'; readonly model: string; readonly reason: string }
  | { readonly type: 'model-asked-without-history'; readonly model: string; readonly declined?: string }
  | {
      readonly type: 'model-state-not-stored';
      readonly model: string;
      readonly state: 'cooldown' | 'without-tools';
      readonly reason: string;
    }
  | { readonly type: 'model-state-unread'; readonly reason: string }
  | {
      readonly type: 'tool-called';
      /** As the model names it: where `outcome` is `unknown-tool`, it may have made the name up. */
      readonly tool: string;
      readonly chatId: ChatId;
      readonly agent?: string;
      /** Absent where the chat belongs to no workspace. */
      readonly workspace?: string;
      readonly isError: boolean;
      /**
       * `timeout`: it took longer than it may. `refused`: a rule or a person did not let it run. `stopped`: its run
       * was. `asked`: it waits for an approval, of this call or of an equal one before. `promised`: it became a promise
       * that needs no approval.
       */
      readonly outcome: 'done' | 'failed' | 'timeout' | 'refused' | 'asked' | 'promised' | 'stopped' | 'unknown-tool';
      readonly durationMs: number;
    }
  | {
      readonly type: 'tool-calls-failed';
      readonly chatId: ChatId;
      /** The first tool that failed in a reply, and the beginning of what it said. */
      readonly tool: string;
      readonly output: string;
      /** How many calls of that reply failed, refused ones included. */
      readonly failed: number;
      /** Other tools that failed in it; at most five. */
      readonly others: readonly string[];
    }
  | { readonly type: 'tool-outcome-unknown'; readonly tool: string; readonly chatId: ChatId; readonly callKey?: string }
  | { readonly type: 'tool-ignored-abort'; readonly tool: string; readonly chatId: ChatId }
  | {
      readonly type: 'tool-needs-operator';
      readonly tool: string;
      readonly chatId: ChatId;
      readonly reason: string;
      /** What to look at: names of variables, and addresses. */
      readonly help: string;
    }
  | { readonly type: 'tool-crashed'; readonly tool: string; readonly error: unknown }
  | {
      /** Private data, untrusted content and a way out were to come together in one run. */
      readonly type: 'leg-removed';
      readonly chatId: ChatId;
      readonly tool: string;
      readonly leg: Leg;
      /** Until a person approves, or for good. */
      readonly until: 'approved' | 'never';
      readonly labels: readonly TrustLabel[];
    }
  | {
      readonly type: 'answer-sent-back';
      readonly gate: 'sent-back';
      readonly chatId: ChatId;
      readonly agent: string;
      readonly claims: readonly string[];
      /** Sentences that say that something was done, which nothing shows. Absent: none. */
      readonly deeds?: readonly string[];
    }
  | {
      readonly type: 'answer-corrected';
      readonly gate: 'sent-back';
      readonly chatId: ChatId;
      readonly agent: string;
      readonly promises: readonly PromiseId[];
    }
  | {
      readonly type: 'answer-rewritten';
      readonly gate: 'rewritten';
      readonly chatId: ChatId;
      readonly agent: string;
      readonly claims: readonly string[];
      /** Sentences that say that something was done, which nothing shows. Absent: none. */
      readonly deeds?: readonly string[];
    }
  | { readonly type: 'result-sent-back'; readonly chatId: ChatId; readonly agent: string; readonly lacks: string }
  | { readonly type: 'agent-ignored-abort'; readonly chatId: ChatId }
  | { readonly type: 'storage-retried'; readonly failures: number; readonly reason: string; readonly error: unknown };
