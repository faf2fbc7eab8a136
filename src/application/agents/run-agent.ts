/** Long because what a run is asked for stands beside the moves that it makes. */
import { type Agent, MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN, MAX_RUN_LENGTH } from '../../domain/agent/agent.ts';
import { chosenIn, type RunStep } from '../../domain/agent/run-step.ts';
import { type ConversationStep, hasMedia, stepFields, tokensOf } from '../../domain/conversation/conversation.ts';
import { addUsage, countable, NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import type { GateOutcome } from '../../domain/promise/gate.ts';
import { speakersOf } from '../../domain/rights/speakers.ts';
import { present } from '../../domain/shared/present.ts';
import { provenanceFields, type TrustLabel } from '../../domain/trust/labels.ts';
import { makeShown, type Shown } from '../../domain/trust/shown.ts';
import type { Clock } from '../../ports/clock.ts';
import { type ContentSink, type ModelContent, noContent } from '../../ports/content.ts';
import { type Correlation, noCorrelation } from '../../ports/correlation.ts';
import type { Events } from '../../ports/events.ts';
import type { ToolSpec } from '../../ports/language-model.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { RunJournal } from '../../ports/run-journal.ts';
import type { Spending } from '../../ports/spending.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import { startStopwatch } from '../loops/stopwatch.ts';
import type { ModelCatalog } from '../models/model-catalog.ts';
import { agentScope } from '../telemetry/work-scopes.ts';
import { ApprovalNeededError, type CallGuard } from '../tools/call-guard.ts';
import { type CallTool, makeCallTool } from '../tools/call-tool.ts';
import type { JudgeCall, MayAct } from '../tools/call-verdict.ts';
import { type AskOutcome, makeAskOutcome } from '../tools/interrupted-call.ts';
import { redactBeginning } from '../tools/redact-beginning.ts';
import type { ToolCatalog } from '../tools/tool-catalog.ts';
import { type AdmittedCall, admitCalls } from './admitted-calls.ts';
import { askModel, growingDraft } from './ask-model.ts';
import { callTools } from './call-tools.ts';
import { makePaidAsk } from './paid-ask.ts';
import { type AskedReply, isEmpty, readAnswer, type Unanswered } from './read-answer.ts';
import { MAX_SAID_LENGTH, modelStep, recordedReply } from './recorded-reply.ts';
import { tellRepeats } from './repeated-failures.ts';
import { makeRequestWindow, type Shortened } from './request-window.ts';
import { makeVolatileJournal } from './run-journal.ts';
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
   * Present where the text is no answer of the model's: what there is instead of one, or that it only announces work,
   * or claims deeds that no tool did.
   */
  readonly unanswered?: Unanswered | 'only-claims' | 'only-deeds';
  /** Every step of the run: the replies of models, and the results of tools. */
  readonly journal: readonly RunStep[];
  /** Present when an answer of this run claimed work to come that was not promised. */
  readonly gate?: GateOutcome;
}

export interface RunRequest {
  readonly conversation: readonly ConversationStep[];
  readonly context: ToolContext;
  /** Keeps the steps, and those of an earlier process with which the run begins. Default: nobody goes on with it. */
  readonly journal?: RunJournal;
  /** What this run may know beyond the agent's own instructions: where it is, and for whom. */
  readonly situation: string;
  /**
   * The answer as it grows: `draft` gives all of it. Called at every word, where to redact the whole each time would
   * be too much.
   */
  readonly onDraft?: (draft: () => string) => void;
  /** Tools of this run, beside those of its agent; they may be called at its last step, too. */
  readonly tools?: readonly Tool[];
  /** Called when a tool begins to run. */
  readonly onTool?: (tool: Tool) => void;
  /** When whoever asks stops waiting, in ms since 1970. */
  readonly answerBy?: number;
  /**
   * What a call of the model has used, as soon as that is known, whatever becomes of the run. Not called for what an
   * earlier process recorded.
   */
  readonly onUsage?: (usage: Usage) => void;
  /** Pays for the run. Absent: what it uses has no price. */
  readonly spending?: Spending;
  /** What trusted people said, beyond the conversation. */
  readonly said?: readonly string[];
  /** Called as the run begins: what it was shown, also later. */
  readonly onShown?: (shown: Shown) => void;
  /** The steps that the run has added, with each reply that called tools and its results. */
  readonly onSteps?: (steps: readonly ConversationStep[]) => void;
  /** What was said before had to be shortened; the model took it so. */
  readonly onShortened?: (shortened: Shortened) => void;
  /** How many tokens the model counted in a request, and how many the rough count finds in it. */
  readonly onCounted?: (counted: CountedRequest) => void;
}

export interface CountedRequest {
  readonly tokens: number;
  readonly estimated: number;
}

export type RunAgent = (agent: Agent, run: RunRequest) => Promise<AgentRun>;

interface RunDeps {
  readonly models: ModelCatalog;
  readonly tools: ToolCatalog;
  readonly events: Events;
  readonly clock: Clock;
  /** Hears what models and tools are asked and say. Default: nobody does. */
  readonly content?: ContentSink | undefined;
  /** Default: a run belongs to no work. */
  readonly correlation?: Correlation | undefined;
  readonly redact: Redact;
  /** Default: no tool may act. */
  readonly mayAct?: MayAct | undefined;
  /** Decides over each call. Default: by `mayAct` alone. */
  readonly judgeCall?: JudgeCall | undefined;
  /** Makes promises of calls, and asks for approvals. Default: nobody can be asked. */
  readonly guard?: CallGuard | undefined;
}

/**
 * Runs an agent to its answer: asks the model, runs the tools that it calls, asks again, up to the agent's limit of
 * steps; at the last step the agent's tools may not be called any more, and what the model replies to it is the answer.
 * So is the step after the run has called as many tools, or read as much, as it may. Each request only adds to the one
 * before: instructions and tools are the same to the end, and what a model attached to a step goes along. Rejects as
 * the model does, its words redacted; ends soon after `context.signal` aborts.
 */
export const makeRunAgent = (deps: RunDeps): RunAgent => {
  const { models, tools, events, clock, redact, mayAct, judgeCall, guard, content, correlation = noCorrelation } = deps;
  const callTool = makeCallTool({ clock, events, redact, content, mayAct, judge: judgeCall, guard });
  const askOutcome = makeAskOutcome({ clock, events, redact });
  const answer: RunAgent = async (agent, request) => {
    const run = makeRun({ models, tools, events, clock, redact, content, guard, callTool, askOutcome }, agent, request);
    for (;;) {
      const step = run.nextStep();
      const reply = await run.ask(step);
      if (run.asksAgain(reply)) continue;
      // Some models call tools that they may not call: that must not go on for ever.
      if (reply.calls.length === 0 || (step.isOver && !run.hasResults())) return run.answer(reply);
      await run.call(reply, step);
    }
  };
  /** Several may begin within a millisecond. */
  let runs = 0;
  return (agent, request) => {
    const scope = agentScope(agent.name, correlation.current(), `${clock.now()}/${++runs}`);
    return scope ? correlation.run(scope, () => answer(agent, request)) : answer(agent, request);
  };
};

/** A reply, and its calls as they are run and kept. */
type AdmittedReply = AskedReply & { readonly calls: readonly AdmittedCall[] };

interface Step {
  /** Only the run's own tools may be called. */
  readonly isLast: boolean;
  /** No tool may be called. */
  readonly isOver: boolean;
}

/** The tools of a run, and what it is shown. */
const openRun = (catalog: ToolCatalog, agent: Agent, run: RunRequest, chosen: number) => {
  const { scope, requestedBy, draft } = run.context;
  const tools = catalog.toolsFor({ agent, scope, person: requestedBy, speakers: speakersOf(run.context) });
  // Where nothing can be decided, a tool that decides would only be refused.
  const offered = [...tools.filter(({ effect }) => draft !== undefined || effect !== 'decides'), ...(run.tools ?? [])];
  const shown = makeShown(run.conversation, { declared: serversOf(offered), chosen, ...present({ said: run.said }) });
  run.onShown?.(shown);
  const context: ToolContext = { ...run.context, ...present({ skills: agent.skills }), agent: agent.name, shown };
  return { offered, shown, context };
};

/** One run: what it has added and used so far, and the moves that its loop makes. */
const makeRun = (deps: RunDeps & { readonly callTool: CallTool; readonly askOutcome: AskOutcome }, agent: Agent, run: RunRequest) => {
  const { events, clock, redact, content = noContent } = deps;
  const { tools: own = [], journal = makeVolatileJournal() } = run;
  const begin = journal.steps().length;
  const paidAsk = makePaidAsk({ models: deps.models, agent, run, journal, events, guard: deps.guard });
  const { offered, shown, context } = openRun(deps.tools, agent, run, chosenIn(journal.steps()));
  const { maxOutputTokens, effort } = agent.limits;
  const request = {
    instructions: `${agent.instructions}\n\n${run.situation}`,
    tools: offered.map(specOf),
    maxOutputTokens,
    ...present({ effort }),
  };
  /** By the rough count: the same in every request of the run. */
  const declaredTokens = run.onCounted ? (request.instructions.length + JSON.stringify(request.tools).length) / 4 : 0;
  const window = makeRequestWindow(run.conversation, context.asked);
  const added = makeRunSteps();
  let usage = NO_USAGE;
  let toolCalls = 0;
  let steps = 0;
  let lastSteps = 0;
  let isAskedAgain = false;

  const nextStep = (): Step => {
    steps++;
    const isLast = steps >= agent.limits.maxSteps || toolCalls >= MAX_CALLS_PER_RUN || added.length() > MAX_RUN_LENGTH;
    if (isLast) lastSteps++;
    return { isLast, isOver: isLast && (own.length === 0 || lastSteps > MAX_LAST_STEPS) };
  };

  const roomFor = ({ isLast }: Step): number => (isLast ? 1 : Math.min(MAX_CALLS_PER_REPLY, MAX_CALLS_PER_RUN - toolCalls));

  /** The reply that the journal holds, else the model's. */
  const ask = async (step: Step): Promise<AdmittedReply> => {
    const recorded = journal.take('model');
    const reply = recorded ? recordedReply(recorded) : await askNow(step);
    usage = addUsage(usage, countable(reply.usage));
    return reply;
  };

  const askNow = async (step: Step): Promise<AdmittedReply> => {
    await journal.flush(context.signal);
    const waitedMs = startStopwatch(clock);
    let asked = '';
    const question = {
      request: { ...request, ...present({ toolChoice: step.isOver ? ('none' as const) : undefined }) },
      signal: context.signal,
      answerBy: run.answerBy,
      keepsPart: context.draft !== undefined,
      onUsage: (paid: Usage) => run.onUsage?.(paid),
      onText: growingDraft(redact, (draft) => run.onDraft?.(draft)),
    };
    const tellContent = (replied: ModelContent['replied']): void =>
      content.tell(() => ({
        type: 'model-content',
        agent: agent.name,
        instructions: request.instructions,
        asked: window.shown(added.steps()),
        replied,
      }));
    const asking = paidAsk((model, beginCall) => {
      asked = model.name;
      return askModel({ model, redact, events }, window, added.steps(), { ...question, beginCall });
    });
    const { reply, spent } = await asking.catch((error: unknown) => {
      if (!(error instanceof ApprovalNeededError))
        tellContent({ failed: isPortError(error) ? error.code : 'unknown', reason: reasonOf(error) });
      throw error;
    });
    const durationMs = waitedMs();
    const calls = admitCalls(reply.toolCalls, roomFor(step), redact);
    tellContent(reply);
    events.emit({
      type: 'model-responded',
      model: reply.model,
      reference: reply.by?.name ?? asked,
      agent: agent.name,
      chatId: context.chatId,
      usage: reply.usage,
      stop: reply.stop,
      ...present({ brokeOff: reply.brokeOff }),
      toolCalls: reply.toolCalls.length,
      durationMs: reply.by?.durationMs ?? durationMs,
    });
    journal.add(modelStep(redact, reply, calls, { at: clock.now(), durationMs, spent }));
    if (run.onCounted) tellCounted(run.onCounted, window.shown(added.steps()), reply.usage, declaredTokens);
    const shortened = window.shortened();
    if (shortened) run.onShortened?.(shortened);
    return { ...reply, calls };
  };

  /**
   * Some models end so after a call of a tool, and do better the next time. For a promise, the result gate asks again.
   */
  const asksAgain = (reply: AskedReply): boolean => {
    if (!context.draft || !isEmpty(reply) || isAskedAgain) return false;
    isAskedAgain = true;
    return true;
  };

  const answer = (reply: AskedReply): AgentRun => {
    const kept = added.steps().map(stepFields);
    // A promise is not kept by what was said on the way.
    const given = readAnswer(reply, redact, context.draft && saidIn(kept));
    const provenance = provenanceFields(shown.provenance());
    const steps: readonly ConversationStep[] = [...kept, { role: 'agent', text: given.text, toolCalls: [], ...present({ provenance }) }];
    return { ...given, steps, usage, toolCalls, journal: journal.steps().slice(begin) };
  };

  const call = async (reply: AdmittedReply, step: Step): Promise<void> => {
    const { calls } = reply;
    const allowed = step.isLast ? calls.map((each) => allowedAtLast(own, each)) : calls;
    const { onTool, spending } = run;
    const calling = { offered, context, journal, length: step.isLast ? 0 : added.length(), ...present({ onTool, spending }) };
    const { callTool, askOutcome } = deps;
    // The tools get what the model said; what is kept of it is redacted like everything else.
    const said = redactBeginning(redact, reply.text, MAX_SAID_LENGTH);
    const replied = {
      role: 'agent' as const,
      text: said,
      toolCalls: calls.map(({ kept }) => kept),
      ...present({ attached: reply.attached, provenance: provenanceFields(shown.provenance()) }),
    };
    const results = await callTools({ callTool, askOutcome, clock, events }, calling, allowed);
    added.add(replied, tellRepeats(added.steps(), replied, results));
    shown.add(results);
    run.onSteps?.(added.steps().map(stepFields));
    toolCalls += Math.min(roomFor(step), calls.length);
  };

  /** Whether calls that an earlier process ran come next in the journal: the limits may have been others then. */
  const hasResults = (): boolean => journal.isReplaying();

  return { nextStep, ask, asksAgain, answer, call, hasResults };
};

const tellCounted = (tell: (counted: CountedRequest) => void, sent: AgentRun['steps'], usage: Usage, declared: number): void => {
  // How many tokens a file has differs by the model: such a request says nothing of words.
  if (sent.some(hasMedia)) return;
  const { inputTokens, cacheReadTokens, cacheWriteTokens } = countable(usage);
  const estimated = sent.reduce((sum, step) => sum + tokensOf(step), 0) + declared;
  tell({ tokens: inputTokens + cacheReadTokens + cacheWriteTokens, estimated });
};

/** How often a model may call a tool, beyond its last step, that ends the run, and misuse it. */
const MAX_LAST_STEPS = 3;

/** The last that the model said beside calls of tools. */
const saidIn = (steps: readonly ConversationStep[]): string =>
  steps.flatMap((step) => (step.role === 'agent' && step.text.trim() !== '' ? [step.text] : [])).at(-1) ?? '';

const LAST_STEP = 'Not run: this run may call no more tools like this one. Answer now with what you have, and say what is left undone.';

/** The run's own tools may be called at its last step, too. */
const allowedAtLast = (own: readonly Tool[], call: AdmittedCall): AdmittedCall =>
  call.refusal !== undefined || own.some(({ name }) => name === call.call.tool) ? call : { ...call, refusal: LAST_STEP };

/** Their words stand in the request from its beginning. */
const serversOf = (offered: readonly Tool[]): readonly TrustLabel[] => [
  ...new Set(offered.flatMap(({ source }) => (source?.startsWith('mcp:') ? [source] : []))),
];

const specOf = ({ name, description, inputSchema }: Tool): ToolSpec => ({ name, description, inputSchema });
