import { MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../domain/agent/agent.ts';
import { plainToolName } from '../../domain/agent/tool-name.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { ConversationStep, ToolCall } from '../../domain/conversation/conversation.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { argumentsRefusal } from '../tools/call-arguments.ts';
import type { CallTool } from '../tools/call-tool.ts';
import { redactBeginning } from '../tools/redact-beginning.ts';
import { redactValues } from './redact-values.ts';

const MAX_NAME_LENGTH = 100;

type ToolStep = Extract<ConversationStep, { role: 'tool' }>;

/** A call of a reply, with a refusal if it is not run. */
export interface AdmittedCall {
  /** As the tool gets it. */
  readonly call: ToolCall;
  /** As the conversation keeps it: redacted, and without refused arguments. */
  readonly kept: ToolCall;
  readonly refusal?: string;
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
    if (refusal === undefined) return { call: { ...call, id }, kept };
    return { call: kept, kept, refusal: at === room ? refusal : `${tool} was not run: ${refusal}.` };
  });

const noRoom = (count: number, room: number): string =>
  room < MAX_CALLS_PER_REPLY
    ? `Not run: ${count - room} of these ${count} calls. A run may make ${MAX_CALLS_PER_RUN} calls of tools, and has made them. Answer now with what you have, and say what is left undone.`
    : `Not run: ${count - room} of these ${count} calls, from this one on. One reply may make ${room} calls. Call again in your next reply what is still needed.`;

interface Calling {
  readonly offered: readonly Tool[];
  readonly context: ToolContext;
  /** How long the run is already. */
  readonly length: number;
  readonly onTool?: (tool: Tool) => void;
}

/** Runs the calls of one reply, in their order, and gives their results; rejects as soon as the run is over. */
export const callTools = async (
  deps: { readonly callTool: CallTool; readonly events: Events },
  { offered, context, onTool, ...calling }: Calling,
  calls: readonly AdmittedCall[],
): Promise<readonly ToolStep[]> => {
  const steps: ToolStep[] = [];
  let { length } = calling;
  for (const { call, kept, refusal } of calls) {
    if (context.signal.aborted) throw new PortError('aborted', 'the run was ended', { retryable: false });
    const reason = refusal ?? (length > MAX_RUN_LENGTH ? READ_ALL : undefined);
    const { output, isError } =
      reason === undefined
        ? await deps.callTool({ name: call.tool, input: call.input, offered, context, ...present({ onBegin: onTool }) })
        : { output: reason, isError: true };
    length += output.length;
    steps.push({ role: 'tool', callId: kept.id, tool: kept.tool, output, isError });
  }
  tellFailures(deps.events, context.chatId, steps);
  return steps;
};

const READ_ALL = 'Not run: this run has read all that it may. Answer now with what you have, and say what is left undone.';

/** One event for each reply, however many of its calls failed. */
const tellFailures = (events: Events, chatId: ChatId, steps: readonly ToolStep[]): void => {
  const failed = steps.filter(({ isError }) => isError);
  const [first] = failed;
  if (!first) return;
  const others = [...new Set(failed.map(({ tool }) => tool))].slice(1, 6);
  events.emit({
    type: 'tool-calls-failed',
    chatId,
    tool: first.tool,
    output: excerpt(first.output, 500),
    failed: failed.length,
    others,
  });
};
