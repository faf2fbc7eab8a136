import { type Agent, MAX_ANSWER_LENGTH, MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../domain/agent/agent.ts';
import type { ConversationStep, ToolCall } from '../../domain/conversation/conversation.ts';
import { addUsage, NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import type { GateOutcome } from '../../domain/promise/gate.ts';
import {
  type LanguageModel,
  MAX_REPLY_LENGTH,
  type ModelEvent,
  type ModelReply,
  type ModelRequest,
  type ToolSpec,
} from '../../ports/language-model.ts';
import type { Logger } from '../../ports/logger.ts';
import { isPortError, PortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { admitCalls, callTools } from './call-tools.ts';
import { CUT_NOTE, redactBeginning, redactedBeginning } from './redact-beginning.ts';

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
 * last step is asked without the agent's tools, and what the model replies to it is the answer. So is the step after the run has called as many
 * tools, or read as much, as it may. Rejects as the model does, its words redacted; ends soon after `context.signal` aborts.
 */
export const makeRunAgent =
  (deps: { readonly model: LanguageModel; readonly tools: readonly Tool[]; readonly logger: Logger; readonly redact: Redact }): RunAgent =>
  async (agent, { conversation, context, situation, tools: own = [], onDraft, onTool }) => {
    const tools = deps.tools.filter(({ name }) => agent.tools.includes(name));
    const instructions = `${agent.instructions}\n\n${situation}`;
    const steps: ConversationStep[] = [];
    let usage = NO_USAGE;
    let toolCalls = 0;
    let length = 0;
    let lastSteps = 0;
    for (let step = 1; ; step++) {
      const isLast = step >= agent.limits.maxSteps || toolCalls >= MAX_CALLS_PER_RUN || length > MAX_RUN_LENGTH;
      const offered = isLast ? own : [...tools, ...own];
      const reply = await ask(deps, {
        request: {
          ...{ instructions, conversation: [...conversation, ...steps], tools: offered.map(specOf) },
          maxOutputTokens: agent.limits.maxOutputTokens,
        },
        signal: context.signal,
        onDraft: growingDraft(deps.redact, (draft) => onDraft?.(draft)),
      });
      usage = addUsage(usage, countable(reply.usage));
      // Some models call tools that they were not offered: that must not go on for ever.
      const isOwn = ({ tool }: ToolCall): boolean => own.some(({ name }) => name === tool);
      const asked = isLast ? reply.toolCalls.filter(isOwn) : reply.toolCalls;
      lastSteps += isLast ? 1 : 0;
      const isOver = isLast && (asked.length === 0 || lastSteps > MAX_LAST_STEPS);
      if (isOver || reply.toolCalls.length === 0) {
        const text = answerOf(reply, deps.redact);
        const model = modelName(reply.model, deps.redact);
        const kept = [...steps, { role: 'agent' as const, text, toolCalls: [] }];
        const answer = { text, steps: kept, usage, model, toolCalls };
        const unanswered = unansweredBy(reply);
        return unanswered ? { ...answer, unanswered } : answer;
      }
      // The tools get what the model said; what is kept of it is redacted like everything else.
      const room = isLast ? 1 : Math.min(MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN - toolCalls);
      const admitted = admitCalls(asked, room, deps.redact);
      const said = redactBeginning(deps.redact, reply.text, MAX_SAID_LENGTH);
      const before = steps.length;
      steps.push({ role: 'agent', text: said, toolCalls: admitted.map(({ kept }) => kept) });
      steps.push(
        ...(await callTools(deps, { tools: offered, context, length: isLast ? 0 : length, ...(onTool ? { onTool } : {}) }, admitted)),
      );
      toolCalls += Math.min(room, asked.length);
      length += JSON.stringify(steps.slice(before)).length;
    }
  };

/** How often a model may call, beyond its last step, a tool that ends the run, and misuse it. */
const MAX_LAST_STEPS = 3;
/** What a model says beside its calls, as much as is kept of it. */
const MAX_SAID_LENGTH = 20_000;
const MAX_FAILURE_LENGTH = 2_000;
const MAX_MODEL_NAME_LENGTH = 100;

/** What a provider counts: whole numbers that a table can hold, whatever it sends. */
const countable = ({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens }: Usage): Usage => ({
  inputTokens: tokens(inputTokens),
  outputTokens: tokens(outputTokens),
  cacheReadTokens: tokens(cacheReadTokens),
  cacheWriteTokens: tokens(cacheWriteTokens),
});
const MAX_TOKENS = 1_000_000_000;
const tokens = (count: unknown): number => (typeof count === 'number' && count > 0 ? Math.min(MAX_TOKENS, Math.floor(count)) : 0);

/** What a provider calls its model, as one short line. */
const modelName = (name: string, redact: Redact): string =>
  redactBeginning(redact, name.replace(/[\s\p{C}]+/gu, ' ').trim(), MAX_MODEL_NAME_LENGTH);

/** Shows a text as it grows, redacted. What was shown of it stays: a later word may show an earlier one in another light, and then nothing more is shown. */
const growingDraft = (redact: Redact, show: (draft: () => string) => void): ((text: string) => void) => {
  let shown = '';
  return (text) => {
    if (text === '') shown = '';
    show(() => {
      const draft = redactBeginning(redact.growing ?? redact, text, MAX_ANSWER_LENGTH);
      if (draft.startsWith(shown) || text === '') shown = draft;
      return shown;
    });
  };
};

const specOf = ({ name, description, inputSchema }: Tool): ToolSpec => ({ name, description, inputSchema });

/**
 * One reply of the model, and its text as it grows. A text that does not end is aborted where it is too long. What a failure says is shown to people and
 * stored, so it is redacted and bounded like every other word of the run.
 */
const ask = async (
  deps: { readonly model: LanguageModel; readonly redact: Redact },
  { request, signal, onDraft }: { request: ModelRequest; signal: AbortSignal; onDraft: (text: string) => void },
): Promise<ModelReply> => {
  const tooLong = new AbortController();
  let text = '';
  const onEvent = (event: ModelEvent): void => {
    if (event.type === 'activity' || tooLong.signal.aborted) return;
    text = event.type === 'restart' ? '' : text + event.text;
    if (text.length > MAX_REPLY_LENGTH) tooLong.abort();
    onDraft(text);
  };
  try {
    return await deps.model.respond(request, { signal: AbortSignal.any([signal, tooLong.signal]), onEvent });
  } catch (error) {
    if (tooLong.signal.aborted && !signal.aborted) return { text, toolCalls: [], stop: 'length', usage: NO_USAGE, model: deps.model.name };
    const message = redactBeginning(deps.redact, reasonOf(error), MAX_FAILURE_LENGTH);
    if (message === reasonOf(error)) throw error;
    throw isPortError(error) ? new PortError(error.code, message, { ...error, cause: error }) : new Error(message, { cause: error });
  }
};

const unansweredBy = ({ text, stop, toolCalls }: ModelReply): AgentRun['unanswered'] => {
  if (stop === 'refusal') return 'refused';
  if (toolCalls.length > 0) return 'out-of-steps';
  return text.trim() === '' ? 'empty' : undefined;
};

const answerOf = (reply: ModelReply, redact: Redact): string => {
  const { text, isCut } = redactedBeginning(redact, reply.text.trim(), MAX_ANSWER_LENGTH);
  if (isCut || reply.stop === 'length') return `${text}\n\n${CUT_NOTE}`.trim();
  if (text !== '') return text;
  return reply.stop === 'refusal'
    ? 'The model declined to answer this.'
    : 'The model ended without an answer. Please ask again, perhaps in other words.';
};
