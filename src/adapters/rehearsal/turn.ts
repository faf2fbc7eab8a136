import { nativeId } from '../../domain/chat/ids.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import type { Media } from '../../domain/conversation/media.ts';
import { isSentBackNote } from '../../domain/promise/gate.ts';
import { mediaIn } from '../../ports/adapter-kit/shown-media.ts';
import type { Request } from './request.ts';
import { understandMessage } from './requests.ts';

export type ToolResult = Pick<Extract<ConversationStep, { role: 'tool' }>, 'output' | 'isError'>;

/** One request that the reply must deal with, and what its own tool calls gave so far. */
export interface OpenRequest {
  readonly text: string;
  readonly request: Request;
  readonly results: readonly ToolResult[];
  /** An answer to it was sent back, because it claimed what was not promised. */
  readonly sentBack: boolean;
  /** Its message as the platform calls it, where several are open: what it makes belongs to that. */
  readonly message?: string;
  /** The id for this request's next call. */
  readonly nextCallId: string;
}

/**
 * Everything said to the agent since the agent's last answer; one that was sent back is none. Results find their
 * request by the id of their call, which tells the message and its part: the model itself remembers nothing.
 */
export const openRequests = (conversation: readonly ConversationStep[]): OpenRequest[] => {
  const turn = openTurn(conversation);
  const sentBack = turn.some(isNote);
  const results = new Map(turn.flatMap((step) => (step.role === 'tool' ? [[step.callId, step] as const] : [])));
  const asked = askedIn(turn);
  return asked.flatMap((step, message) =>
    understandMessage(step.text).map(({ text, request }, part) => {
      const callId = (n: number): string =>
        `rehearsal_${step.messageId === undefined ? 0 : nativeId(step.messageId)}_${message}_${part}_${n}`;
      const own: ToolResult[] = [];
      for (let result = results.get(callId(0)); result; result = results.get(callId(own.length))) own.push(result);
      const numbered = asked.length > 1 && step.messageId !== undefined ? { message: nativeId(step.messageId) } : {};
      return { text, request, results: own, sentBack, ...numbered, nextCallId: callId(own.length) };
    }),
  );
};

/** The files that came with what the reply must deal with. */
export const openMedia = (conversation: readonly ConversationStep[]): readonly Media[] => mediaIn(askedIn(openTurn(conversation)));

const openTurn = (conversation: readonly ConversationStep[]): readonly ConversationStep[] => {
  const lastAnswer = conversation.findLastIndex(
    (step, at) => step.role === 'agent' && step.toolCalls.length === 0 && !isNote(conversation[at + 1]),
  );
  return conversation.slice(lastAnswer + 1);
};

const askedIn = (turn: readonly ConversationStep[]) =>
  turn.filter((step) => step.role === 'person').filter((step) => !step.overheard && !step.note);

/** What Kept tells the model of its own: of the time, and of an answer that it sends back. */
export const notesIn = (conversation: readonly ConversationStep[]): string =>
  conversation.flatMap((step) => (step.role === 'person' && step.note ? [step.text] : [])).join('\n');

export const isNote = (step: ConversationStep | undefined): boolean => step?.role === 'person' && isSentBackNote(step.text);
