import type { Agent } from '../../domain/agent/agent.ts';
import type { ConversationStep, ToolCall } from '../../domain/conversation/conversation.ts';
import { addUsage, NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import type { GateOutcome } from '../../domain/promise/gate.ts';
import type { LanguageModel, ModelEvent, ModelReply, ModelRequest, ToolSpec } from '../../ports/language-model.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { redactValues } from './redact-values.ts';

export interface AgentRun {
  /** The answer for people; never empty. */
  readonly text: string;
  /** Everything that the run added to the conversation, the answer last. */
  readonly steps: readonly ConversationStep[];
  readonly usage: Usage;
  /** Which model gave the answer. */
  readonly model: string;
  readonly toolCalls: number;
  /** Present where the text is no answer of the model's: it declined, said nothing, called tools to the last step, or only announced work. */
  readonly unanswered?: 'refused' | 'empty' | 'out-of-steps' | 'only-claims';
  /** Present when an answer of this run claimed work to come that was not promised. */
  readonly gate?: GateOutcome;
}

export type RunAgent = (
  agent: Agent,
  run: {
    readonly conversation: readonly ConversationStep[];
    readonly context: ToolContext;
    /** What this run may know beyond the agent's own instructions: where it is, and for whom. */
    readonly situation: string;
    /** The answer as it grows: `draft` gives all of it. Called at every word, where to redact the whole each time would be too much. */
    readonly onDraft?: (draft: () => string) => void;
    /** Tools of this run, beside those of its agent; they are offered at its last step, too. */
    readonly tools?: readonly Tool[];
    /** A tool begins to run. */
    readonly onTool?: (name: string) => void;
  },
) => Promise<AgentRun>;

/**
 * Runs an agent to its answer: asks the model, runs the tools that it calls, asks again, up to the agent's limit of steps; the
 * last step is asked without the agent's tools, and what the model replies to it is the answer. Rejects as the model does, its words redacted;
 * ends soon after `context.signal` aborts.
 */
export const makeRunAgent =
  (deps: { readonly model: LanguageModel; readonly tools: readonly Tool[]; readonly logger: Logger; readonly redact: Redact }): RunAgent =>
  async (agent, { conversation, context, situation, tools: own = [], onDraft, onTool }) => {
    const tools = deps.tools.filter(({ name }) => agent.tools.includes(name));
    const instructions = `${agent.instructions}\n\n${situation}`;
    const steps: ConversationStep[] = [];
    let usage = NO_USAGE;
    let toolCalls = 0;
    for (let step = 1; ; step++) {
      const isLast = step >= agent.limits.maxSteps;
      const offered = isLast ? own : [...tools, ...own];
      const reply = await ask(deps, {
        request: {
          ...{ instructions, conversation: [...conversation, ...steps], tools: offered.map(specOf) },
          maxOutputTokens: agent.limits.maxOutputTokens,
        },
        signal: context.signal,
        onEvent: draftOf((text) => onDraft?.(() => deps.redact(text))),
      });
      usage = addUsage(usage, reply.usage);
      // Some models call tools that they were not offered: that must not go on for ever.
      const isOver = isLast && !reply.toolCalls.some((call) => own.some(({ name }) => name === call.tool));
      if (isOver || reply.toolCalls.length === 0) {
        const text = deps.redact(answerOf(reply));
        const answer = { text, steps: [...steps, { role: 'agent' as const, text, toolCalls: [] }], usage, model: reply.model, toolCalls };
        const unanswered = unansweredBy(reply);
        return unanswered ? { ...answer, unanswered } : answer;
      }
      // The tools get what the model said; what is kept of it is redacted like everything else.
      const toolCallsKept = reply.toolCalls.map((call) => ({ ...call, input: redactValues(deps.redact, call.input) }));
      steps.push({ role: 'agent', text: deps.redact(reply.text), toolCalls: toolCallsKept });
      for (const call of reply.toolCalls) {
        onTool?.(call.tool);
        steps.push(await callTool(deps, offered, call, context));
      }
      toolCalls += reply.toolCalls.length;
    }
  };

const specOf = ({ name, description, inputSchema }: Tool): ToolSpec => ({ name, description, inputSchema });

/** One reply of the model. What a failure says is shown to people and stored, so it is redacted like every other word of the run. */
const ask = async (
  deps: { readonly model: LanguageModel; readonly redact: Redact },
  { request, ...options }: { request: ModelRequest; signal: AbortSignal; onEvent: (event: ModelEvent) => void },
): Promise<ModelReply> => {
  try {
    return await deps.model.respond(request, options);
  } catch (error) {
    const message = deps.redact(reasonOf(error));
    if (message === reasonOf(error)) throw error;
    throw isPortError(error) ? new PortError(error.code, message, { ...error, cause: error }) : new Error(message, { cause: error });
  }
};

const draftOf = (show: (text: string) => void): ((event: ModelEvent) => void) => {
  let text = '';
  return (event) => {
    if (event.type === 'activity') return;
    text = event.type === 'restart' ? '' : text + event.text;
    show(text);
  };
};

const unansweredBy = ({ text, stop, toolCalls }: ModelReply): AgentRun['unanswered'] => {
  if (stop === 'refusal') return 'refused';
  if (toolCalls.length > 0) return 'out-of-steps';
  return text.trim() === '' ? 'empty' : undefined;
};

const answerOf = (reply: ModelReply): string => {
  const text = reply.text.trim();
  if (reply.stop === 'length') return `${text}\n\n(The answer was cut here: it reached its greatest length.)`.trim();
  if (text !== '') return text;
  return reply.stop === 'refusal'
    ? 'The model declined to answer this.'
    : 'The model ended without an answer. Please ask again, perhaps in other words.';
};

const callTool = async (
  deps: { readonly logger: Logger; readonly redact: Redact },
  tools: readonly Tool[],
  call: ToolCall,
  context: ToolContext,
): Promise<ConversationStep> => {
  const result = (output: string, isError: boolean): ConversationStep => {
    deps.logger[isError ? 'warn' : 'debug'](
      { tool: call.tool, chatId: context.chatId, isError, ...(isError ? { output } : {}) },
      'tool called',
    );
    return { role: 'tool', callId: call.id, tool: call.tool, output: deps.redact(output), isError };
  };
  const tool = tools.find(({ name }) => name === call.tool);
  if (!tool)
    return result(`There is no tool named ${call.tool} here. Available: ${tools.map(({ name }) => name).join(', ') || 'none'}.`, true);
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
