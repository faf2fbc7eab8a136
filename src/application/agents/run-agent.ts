import { type Agent, MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../domain/agent/agent.ts';
import { type ConversationStep, stepFields } from '../../domain/conversation/conversation.ts';
import { addUsage, NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import type { GateOutcome } from '../../domain/promise/gate.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { LanguageModel, ToolSpec } from '../../ports/language-model.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { askModel, growingDraft } from './ask-model.ts';
import { type AdmittedCall, admitCalls, callTools } from './call-tools.ts';
import { countable, isEmpty, readAnswer, type Unanswered } from './read-answer.ts';
import { redactBeginning } from './redact-beginning.ts';
import { makeRequestWindow, type Shortened } from './request-window.ts';
import { makeRunSteps } from './run-steps.ts';

export interface AgentRun {
  /** The answer for people; never empty. */
  readonly text: string;
  /** Everything that the run added to the conversation, the answer last. */
  readonly steps: readonly ConversationStep[];
  readonly usage: Usage;
  /** Which model gave the answer. */
  readonly model: string;
  readonly toolCalls: number;
  /**
   * Present where the text is no answer of the model's: what there is instead of one, or that it only announces work.
   */
  readonly unanswered?: Unanswered | 'only-claims';
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
    /**
     * The answer as it grows: `draft` gives all of it. Called at every word, where to redact the whole each time would
     * be too much.
     */
    readonly onDraft?: (draft: () => string) => void;
    /** Tools of this run, beside those of its agent; they may be called at its last step, too. */
    readonly tools?: readonly Tool[];
    /** A tool begins to run. */
    readonly onTool?: (name: string) => void;
    /** When whoever asks stops waiting, in ms since 1970. */
    readonly answerBy?: number;
    /** What a call of the model has used, as soon as that is known, whatever becomes of the run. */
    readonly onUsage?: (usage: Usage) => void;
    /** The steps that the run has added, with each reply that called tools and its results. */
    readonly onSteps?: (steps: readonly ConversationStep[]) => void;
    /** What was said before had to be shortened; the model took it so. */
    readonly onShortened?: (shortened: Shortened) => void;
  },
) => Promise<AgentRun>;

/**
 * Runs an agent to its answer: asks the model, runs the tools that it calls, asks again, up to the agent's limit of
 * steps; at the last step the agent's tools may not be called any more, and what the model replies to it is the answer.
 * So is the step after the run has called as many tools, or read as much, as it may. Each request only adds to the one
 * before: instructions and tools are the same to the end, and what a model attached to a step goes along. Rejects as
 * the model does, its words redacted; ends soon after `context.signal` aborts.
 */
export const makeRunAgent =
  (deps: {
    readonly model: LanguageModel;
    readonly tools: readonly Tool[];
    readonly events: Events;
    readonly clock: Clock;
    readonly redact: Redact;
  }): RunAgent =>
  async (agent, { conversation, context, situation, tools: own = [], onDraft, onTool, ...run }) => {
    const tools = [...deps.tools.filter(({ name }) => agent.tools.includes(name)), ...own];
    const specs = tools.map(specOf);
    const instructions = `${agent.instructions}\n\n${situation}`;
    const { maxOutputTokens, effort } = agent.limits;
    const added = makeRunSteps();
    let usage = NO_USAGE;
    let toolCalls = 0;
    let lastSteps = 0;
    let isAskedAgain = false;
    const window = makeRequestWindow(conversation, context.asked);
    for (let step = 1; ; step++) {
      const isLast = step >= agent.limits.maxSteps || toolCalls >= MAX_CALLS_PER_RUN || added.length() > MAX_RUN_LENGTH;
      if (isLast) lastSteps++;
      const isOver = isLast && (own.length === 0 || lastSteps > MAX_LAST_STEPS);
      const askedAt = deps.clock.now();
      const reply = await askModel(deps, window, added.steps(), {
        request: {
          instructions,
          tools: specs,
          maxOutputTokens,
          ...present({ effort, toolChoice: isOver ? ('none' as const) : undefined }),
        },
        signal: context.signal,
        answerBy: run.answerBy,
        keepsPart: context.draft !== undefined,
        onUsage: (paid) => run.onUsage?.(paid),
        onText: growingDraft(deps.redact, (draft) => onDraft?.(draft)),
      });
      deps.events.emit({
        type: 'model-responded',
        model: reply.model,
        agent: agent.name,
        chatId: context.chatId,
        usage: reply.usage,
        stop: reply.stop,
        toolCalls: reply.toolCalls.length,
        durationMs: deps.clock.now() - askedAt,
      });
      usage = addUsage(usage, countable(reply.usage));
      const shortened = window.shortened();
      if (shortened) run.onShortened?.(shortened);
      // Some models end so after a call of a tool, and do better the next time. For a promise, the result gate asks
      // again.
      if (context.draft && isEmpty(reply) && !isAskedAgain) {
        isAskedAgain = true;
        continue;
      }
      // Some models call tools that they may not call: that must not go on for ever.
      if (reply.toolCalls.length === 0 || isOver) {
        const steps = added.steps().map(stepFields);
        // A promise is not kept by what was said on the way.
        const answer = readAnswer(reply, deps.redact, context.draft && saidIn(steps));
        return { ...answer, steps: [...steps, { role: 'agent', text: answer.text, toolCalls: [] }], usage, toolCalls };
      }
      const room = isLast ? 1 : Math.min(MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN - toolCalls);
      const admitted = admitCalls(reply.toolCalls, room, deps.redact);
      const allowed = isLast ? admitted.map((call) => allowedAtLast(own, call)) : admitted;
      const calling = { tools, context, length: isLast ? 0 : added.length(), ...present({ onTool }) };
      // The tools get what the model said; what is kept of it is redacted like everything else.
      const said = redactBeginning(deps.redact, reply.text, MAX_SAID_LENGTH);
      added.add(
        { role: 'agent', text: said, toolCalls: admitted.map(({ kept }) => kept), ...present({ attached: reply.attached }) },
        await callTools(deps, calling, allowed),
      );
      run.onSteps?.(added.steps().map(stepFields));
      toolCalls += Math.min(room, reply.toolCalls.length);
    }
  };

/** How often a model may call a tool, beyond its last step, that ends the run, and misuse it. */
const MAX_LAST_STEPS = 3;
/** What a model says beside its calls, as much as is kept of it. */
const MAX_SAID_LENGTH = 20_000;

/** The last that the model said beside calls of tools. */
const saidIn = (steps: readonly ConversationStep[]): string =>
  steps.flatMap((step) => (step.role === 'agent' && step.text.trim() !== '' ? [step.text] : [])).at(-1) ?? '';

const LAST_STEP = 'Not run: this run may call no more tools like this one. Answer now with what you have, and say what is left undone.';

/** The run's own tools may be called at its last step, too. */
const allowedAtLast = (own: readonly Tool[], call: AdmittedCall): AdmittedCall =>
  call.refusal !== undefined || own.some(({ name }) => name === call.call.tool) ? call : { ...call, refusal: LAST_STEP };

const specOf = ({ name, description, inputSchema }: Tool): ToolSpec => ({ name, description, inputSchema });
