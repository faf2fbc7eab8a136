import { MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN } from '../../domain/agent/agent.ts';
import type { RecordedCall } from '../../domain/agent/run-step.ts';
import { plainToolName } from '../../domain/agent/tool-name.ts';
import type { ToolCall } from '../../domain/conversation/conversation.ts';
import { present } from '../../domain/shared/present.ts';
import type { Redact } from '../../ports/redact.ts';
import { argumentsRefusal } from '../tools/call-arguments.ts';
import { redactBeginning } from '../tools/redact-beginning.ts';
import { redactValues } from '../tools/redact-values.ts';

const MAX_NAME_LENGTH = 100;

/** A call of a reply, with a refusal if it is not run. */
export interface AdmittedCall {
  /** As the tool gets it. */
  readonly call: ToolCall;
  /** As the conversation keeps it: redacted, and without refused arguments. */
  readonly kept: ToolCall;
  readonly refusal?: string;
  /** What is kept of its arguments is not what they were. */
  readonly isRedacted?: true;
}

/**
 * The calls of a reply that are run, at most `room`. If there are more, one further call stands for them all and is
 * refused in words, as every call in a conversation needs a result.
 */
export const admitCalls = (calls: readonly ToolCall[], room: number, redact: Redact): readonly AdmittedCall[] =>
  calls.slice(0, room + 1).map((call, at): AdmittedCall => {
    const refusal = at === room ? noRoom(calls.length, room) : argumentsRefusal(call.input);
    const id = call.id.length > MAX_NAME_LENGTH ? `call_${at + 1}` : call.id;
    const tool = plainToolName(redactBeginning(redact, call.tool, MAX_NAME_LENGTH));
    const kept = { id, tool, input: refusal === undefined ? redactValues(redact, call.input) : {} };
    if (refusal === undefined) {
      const isRedacted = JSON.stringify(kept.input) !== JSON.stringify(call.input);
      return { call: { ...call, id }, kept, ...(isRedacted ? { isRedacted } : {}) };
    }
    return { call: kept, kept, refusal: at === room ? refusal : `${tool} was not run: ${refusal}.` };
  });

const noRoom = (count: number, room: number): string =>
  room < MAX_CALLS_PER_REPLY
    ? `Not run: ${count - room} of these ${count} calls. A run may make ${MAX_CALLS_PER_RUN} calls of tools, and has made them. Answer now with what you have, and say what is left undone.`
    : `Not run: ${count - room} of these ${count} calls, from this one on. One reply may make ${room} calls. Call again in your next reply what is still needed.`;

/** The call as the journal keeps it. */
export const recordedCall = ({ kept, refusal, isRedacted }: AdmittedCall): RecordedCall => ({
  ...kept,
  ...present({ refusal, isRedacted }),
});

/** A call that an earlier process recorded. If its arguments are not kept, it can't be run from here. */
export const readmittedCall = ({ refusal, isRedacted, ...kept }: RecordedCall): AdmittedCall => ({
  call: kept,
  kept,
  ...present({ refusal: refusal ?? (isRedacted ? notKept(kept.tool) : undefined), isRedacted }),
});

const notKept = (tool: string): string =>
  `${tool} was not run: the process ended before it, and its arguments held something that is not kept. Call it again if it is still needed.`;
