import type { SessionUpdate, ToolCall, ToolCallUpdate } from '@agentclientprotocol/sdk';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { CodingDenial, CodingHooks } from '../../ports/index.ts';

/** What an agent has told of its work so far. */
export interface Transcript {
  /** What is told before is the replay of an earlier session. */
  begin(): void;
  note(update: SessionUpdate): { readonly toolCalls: number; readonly costUsd?: number };
  toolCall(id: string): Partial<ToolCall> | undefined;
  deny(denial: CodingDenial): void;
  result(): { readonly text: string; readonly denials: readonly CodingDenial[]; readonly costUsd: number | undefined };
}

/** In UTF-16 units; more than a result may have. */
const MAX_TEXT_LENGTH = 200_000;
const MAX_DENIALS = 100;
const MAX_CALLS_KNOWN = 1_000;
const PROGRESS_LENGTH = 120;

export const makeTranscript = (hooks: Pick<CodingHooks, 'onProgress'>): Transcript => {
  const calls = new Map<string, Partial<ToolCall>>();
  const denials: CodingDenial[] = [];
  let isBegun = false;
  let toolCalls = 0;
  let costUsd: number | undefined;
  /** What was said since the last call of a tool: in the end, that is the report. */
  let text = '';
  let all = '';

  const noteCall = (update: ToolCall | ToolCallUpdate): void => {
    const known = calls.get(update.toolCallId);
    if (!known && calls.size >= MAX_CALLS_KNOWN) calls.delete(calls.keys().next().value as string);
    const told = Object.fromEntries(Object.entries(update).filter(([, value]) => value !== undefined && value !== null));
    calls.set(update.toolCallId, { ...known, ...told });
    if (known) return;
    toolCalls++;
    text = '';
    const title = lineExcerpt(update.title ?? '', PROGRESS_LENGTH);
    if (title !== '') hooks.onProgress(title);
  };

  return {
    begin: () => {
      isBegun = true;
    },
    note: (update) => {
      if (isBegun) {
        if (update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text') {
          text = (text + update.content.text).slice(0, MAX_TEXT_LENGTH);
          all = (all + update.content.text).slice(-MAX_TEXT_LENGTH);
        }
        if (update.sessionUpdate === 'tool_call' || update.sessionUpdate === 'tool_call_update') noteCall(update);
        if (update.sessionUpdate === 'usage_update' && update.cost?.currency === 'USD') costUsd = update.cost.amount;
      }
      return { toolCalls, ...(costUsd === undefined ? {} : { costUsd }) };
    },
    toolCall: (id) => calls.get(id),
    deny: (denial) => {
      if (denials.length < MAX_DENIALS) denials.push(denial);
    },
    result: () => ({ text: (text.trim() || all.trim()).toWellFormed(), denials, costUsd }),
  };
};
