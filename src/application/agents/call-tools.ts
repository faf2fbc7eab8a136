import { MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../domain/agent/agent.ts';
import type { ConversationStep, ToolCall } from '../../domain/conversation/conversation.ts';
import { beginningOf } from '../../domain/shared/beginning.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { argumentsRefusal } from './call-arguments.ts';
import { redactBeginning } from './redact-beginning.ts';
import { redactValues } from './redact-values.ts';

/** What one call may add to a conversation, whatever its tool says. */
const MAX_OUTPUT_LENGTH = 50_000;
const MAX_NAME_LENGTH = 100;

type ToolStep = Extract<ConversationStep, { role: 'tool' }>;

/** A call that a reply makes, and why it is not run where it is not. */
export interface AdmittedCall {
  /** As the tool gets it. */
  readonly call: ToolCall;
  /** As it is kept: redacted, without arguments that were refused. */
  readonly kept: ToolCall;
  readonly refusal?: string;
}

/**
 * The calls of a reply that are dealt with, `room` at the most. Where there are more, the next one stands for them all, refused in words: every call that
 * a conversation keeps has its result.
 */
export const admitCalls = (calls: readonly ToolCall[], room: number, redact: Redact): readonly AdmittedCall[] =>
  calls.slice(0, room + 1).map((call, at): AdmittedCall => {
    const refusal = at === room ? noRoom(calls.length, room) : argumentsRefusal(call.input);
    const id = call.id.length > MAX_NAME_LENGTH ? `call_${at + 1}` : call.id;
    const tool = keptName(redactBeginning(redact, call.tool, MAX_NAME_LENGTH));
    const kept = { id, tool, input: refusal === undefined ? redactValues(redact, call.input) : {} };
    if (refusal === undefined) return { call: { ...call, id }, kept };
    return { call: kept, kept, refusal: at === room ? refusal : `${tool} was not run: ${refusal}.` };
  });

/** A name as every provider takes it back: a conversation with another one in it would be refused for ever. */
const keptName = (name: string): string => name.replace(/[^\w-]+/g, '_').slice(0, 64) || 'unnamed';

const noRoom = (count: number, room: number): string =>
  room < MAX_CALLS_PER_REPLY
    ? `Not run: ${count - room} of these ${count} calls. A run may make ${MAX_CALLS_PER_RUN} calls of tools, and has made them. Answer now with what you have, and say what is left undone.`
    : `Not run: ${count - room} of these ${count} calls, from this one on. One reply may make ${room} calls. Call again in your next reply what is still needed.`;

/** Runs the calls of one reply, in their order, and gives their results; rejects as soon as the run is over. `length` is how long the run is already. */
export const callTools = async (
  deps: { readonly logger: Logger; readonly redact: Redact },
  run: { readonly tools: readonly Tool[]; readonly context: ToolContext; readonly length: number; onTool?(name: string): void },
  calls: readonly AdmittedCall[],
): Promise<readonly ToolStep[]> => {
  const { signal, chatId } = run.context;
  const steps: ToolStep[] = [];
  let { length } = run;
  for (const { call, kept, refusal } of calls) {
    if (signal.aborted) throw new PortError('aborted', 'the run was ended', { retryable: false });
    const result = (output: string, isError: boolean): ToolStep => {
      const told = redactBeginning(deps.redact, output, MAX_OUTPUT_LENGTH);
      return { role: 'tool', callId: kept.id, tool: kept.tool, output: told, isError };
    };
    const step =
      refusal !== undefined
        ? result(refusal, true)
        : length > MAX_RUN_LENGTH
          ? result('Not run: this run has read all that it may. Answer now with what you have, and say what is left undone.', true)
          : await callTool(deps, run, call, result);
    length += step.output.length;
    steps.push(step);
    if (!step.isError) deps.logger.debug({ tool: kept.tool, chatId, isError: false }, 'tool called');
  }
  logFailures(deps.logger, chatId, steps);
  return steps;
};

/** One line a reply, however many calls a model has made in vain. */
const logFailures = (logger: Logger, chatId: ToolContext['chatId'], steps: readonly ToolStep[]): void => {
  const failed = steps.filter(({ isError }) => isError);
  const [first] = failed;
  if (!first) return;
  const others = [...new Set(failed.map(({ tool }) => tool))].slice(1, 6);
  const more = failed.length > 1 ? { failed: failed.length, ...(others.length > 0 ? { others } : {}) } : {};
  logger.warn({ tool: first.tool, chatId, isError: true, output: beginningOf(first.output, 500), ...more }, 'tool called');
};

const callTool = async (
  deps: { readonly logger: Logger },
  { tools, context, onTool }: { readonly tools: readonly Tool[]; readonly context: ToolContext; onTool?(name: string): void },
  call: ToolCall,
  result: (output: string, isError: boolean) => ToolStep,
): Promise<ToolStep> => {
  const tool = tools.find(({ name }) => name === call.tool);
  if (!tool) {
    const names = tools.map(({ name }) => name).join(', ') || 'none';
    return result(`There is no tool named ${beginningOf(call.tool, MAX_NAME_LENGTH)} here. Available: ${names}.`, true);
  }
  onTool?.(tool.name);
  if (tool.risk === 'dangerous') return result(`${call.tool} needs a person's approval, and nobody can give it in this run.`, true);
  try {
    const outcome = await tool.run(call.input, context);
    return result(outcome.output, outcome.isError);
  } catch (error) {
    // The model is told, and may do better; only the end of the run itself ends it, and in a promise's own run that it can't be kept.
    if (context.signal.aborted || (context.draft === undefined && isPortError(error) && error.code === 'could-not')) throw error;
    if (!isPortError(error)) deps.logger.error({ tool: call.tool, error }, 'a tool threw what no tool may throw');
    return result(`${call.tool} failed: ${reasonOf(error)}`, true);
  }
};
