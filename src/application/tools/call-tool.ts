import type { AllowedBy } from '../../domain/approval/approval.ts';
import { decisionsOf, type TurnDraft } from '../../domain/conversation/decision.ts';
import type { EventOf } from '../../domain/events/event.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Scope } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import { type ContentSink, noContent } from '../../ports/content.ts';
import type { Events } from '../../ports/events.ts';
import { isNotBegun, isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../ports/tool.ts';
import { startStopwatch } from '../loops/stopwatch.ts';
import { isTimeout, untilAborted } from '../loops/timers.ts';
import { argumentsRefusal } from './call-arguments.ts';
import { ApprovalNeededError, type CallGuard, type Guarded, type GuardedCall } from './call-guard.ts';
import type { CallVerdict, JudgeCall, MayAct } from './call-verdict.ts';
import { judgeByMayAct } from './judge-call.ts';
import { redactBeginning } from './redact-beginning.ts';
import { isReportedFailure } from './report-failure.ts';

/** The longest output of one call, in UTF-16 units, whatever its tool says. */
export const MAX_OUTPUT_LENGTH = 50_000;
const MAX_NAME_LENGTH = 100;

export interface ToolRequest {
  readonly name: string;
  readonly input: unknown;
  /** The tools that the caller is offered; see `ToolCatalog`. */
  readonly offered: readonly Tool[];
  readonly context: ToolContext;
  /**
   * Called when the tool is about to run, with whose yes lets it, where it needs one; it begins once what this returns
   * has resolved.
   */
  readonly onBegin?: (tool: Tool, by?: AllowedBy) => void | Promise<void>;
}

/**
 * Calls a tool, and resolves to what it said: redacted, and bounded. This is the only way to a tool. A call is refused
 * in words that let a model do better: a tool that is not offered, arguments that are too large, an effect that is not
 * allowed here. What its arguments mean, a tool checks by itself. A tool that takes longer than its `timeoutMs` is
 * aborted.
 *
 * Rejects as soon as `context.signal` aborts, and, outside of a turn, with the PortError `could-not` of a tool. Every
 * other failure of a tool becomes words.
 */
export type CallTool = (request: ToolRequest) => Promise<ToolOutcome>;

export const makeCallTool = (deps: {
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
  /** Hears what tools are asked and say. Default: nobody does. */
  readonly content?: ContentSink | undefined;
  /** Default: nothing may act. */
  readonly mayAct?: MayAct | undefined;
  /** Decides over each call. Default: by `mayAct` alone. */
  readonly judge?: JudgeCall | undefined;
  /** Default: nobody can be asked, and what acts runs in promises alone. */
  readonly guard?: CallGuard | undefined;
}): CallTool => {
  const { clock, events, redact, content = noContent, mayAct = () => false, guard } = deps;
  const judge = deps.judge ?? judgeByMayAct(mayAct);

  const run = async (tool: Tool, { input, context }: ToolRequest): Promise<Ended> => {
    const overtime = new AbortController();
    const signal = AbortSignal.any([context.signal, overtime.signal]);
    const cancel = clock.after(tool.timeoutMs, () => overtime.abort());
    try {
      const ignored = (): void => events.emit({ type: 'tool-ignored-abort', tool: tool.name, chatId: context.chatId });
      const said = await untilAborted(tool.run(input, { ...context, signal }), overtime.signal, clock, ignored);
      return { said, outcome: said.isError ? 'failed' : 'done' };
    } catch (error) {
      if (context.signal.aborted) throw error;
      if (overtime.signal.aborted) return tookTooLong(tool);
      emitHelp(deps, tool, context, error);
      if (context.draft === undefined && isPortError(error) && error.code === 'could-not') throw error;
      if (!isPortError(error)) events.emit({ type: 'tool-crashed', tool: tool.name, error });
      return failedBy(tool, error);
    } finally {
      cancel();
    }
  };

  const emitLeg = (tool: Tool, verdict: CallVerdict, context: ToolContext): void => {
    const removed = legRemoved(tool, verdict, context);
    if (removed) events.emit(removed);
  };

  /** A leg is told to be taken away where the call stops first, and not again where its run goes on with a decision. */
  const decisionOn = async (guard: CallGuard, call: GuardedCall): Promise<Guarded> => {
    const stopsHere = (): void => emitLeg(call.tool, call.verdict, call.context);
    try {
      const decision = await guard.requireDecision(call);
      if (decision.kind === 'refuse' && !decision.isDecided) stopsHere();
      return decision;
    } catch (error) {
      if (error instanceof ApprovalNeededError) stopsHere();
      throw error;
    }
  };

  const outcomeOf = async (request: ToolRequest): Promise<Ended> => {
    const { context, input } = request;
    const tool = request.offered.find(({ name }) => name === request.name);
    if (!tool) return failed(noSuchTool(request), 'unknown-tool');
    const impossible = impossibleCall(tool, request);
    if (impossible !== undefined) return refused(tool, impossible);
    const verdict = judge(tool, input, context);
    if (verdict.kind === 'refuse') {
      emitLeg(tool, verdict, context);
      return refused(tool, `${verdict.reason.replace(/\.$/, '')}.`);
    }
    if (verdict.kind === 'run') mayChoose(verdict, context);
    let by: AllowedBy | undefined;
    if (verdict.kind === 'ask' || (tool.effect === 'acts' && context.draft)) {
      if (!guard) {
        emitLeg(tool, verdict, context);
        return failed(unguarded(tool, request, verdict), 'refused');
      }
      const call = { tool, input, context, verdict };
      if (context.draft) {
        const { said, outcome, isAsked } = await promisedBy(guard, call, context.draft);
        // By a standing approval it goes out, and nothing is taken away.
        if (said.isError || isAsked) emitLeg(tool, verdict, context);
        else if (verdict.kind === 'ask') mayChoose(verdict, context);
        return { said, outcome };
      }
      const decision = await decisionOn(guard, call);
      if (decision.kind === 'refuse') return refused(tool, [decision.reason, decision.advice ?? []].flat().join(' '));
      by = decision.by;
      // A person who approves a call has read what it chooses.
      if (by?.approvalId === undefined && !mayChoose(verdict, context)) return refused(tool, CHOSEN);
    }
    const ready = request.onBegin?.(tool, by);
    if (ready) await ready;
    return run(tool, request);
  };

  return async (request) => {
    const { agent, chatId, scope, signal } = request.context;
    const durationMs = startStopwatch(clock);
    const ended = (isError: boolean, outcome: Outcome, output: string): void => {
      content.tell(() => ({ type: 'tool-content', tool: request.name, input: request.input, output, outcome }));
      events.emit({
        type: 'tool-called',
        tool: excerpt(redact(excerpt(request.name, MAX_NAME_LENGTH)), MAX_NAME_LENGTH),
        chatId,
        ...present({ agent, workspace: scope.workspace }),
        isError,
        outcome,
        durationMs: durationMs(),
      });
    };
    try {
      const { said, outcome } = await outcomeOf(request);
      const output = redactBeginning(redact, said.output, MAX_OUTPUT_LENGTH);
      ended(said.isError, outcome, output);
      return { output, isError: said.isError, ...present({ isUnknown: said.isUnknown, provenance: said.provenance }) };
    } catch (error) {
      const outcome = outcomeOfError(error, signal);
      ended(outcome !== 'asked' && outcome !== 'done', outcome, redactBeginning(redact, reasonOf(error), MAX_OUTPUT_LENGTH));
      throw error;
    }
  };
};

/** How a call ended that ends its run. */
const outcomeOfError = (error: unknown, signal: AbortSignal): Outcome => {
  if (error instanceof ApprovalNeededError) return 'asked';
  if (isReportedFailure(error)) return 'done';
  if (!signal.aborted) return 'failed';
  return isTimeout(signal.reason) ? 'timeout' : 'stopped';
};

/** What a call in a turn became. */
const promisedBy = async (
  guard: CallGuard,
  call: GuardedCall,
  draft: TurnDraft,
): Promise<Ended & { /** Of this call, and now. */ readonly isAsked: boolean }> => {
  const before = madeIn(draft);
  const said = await guard.promiseCall(call);
  const after = madeIn(draft);
  const isAsked = after.approvals > before.approvals;
  const outcome = after.promises > before.promises && !isAsked ? 'promised' : 'asked';
  return { said, isAsked, outcome: said.isError ? 'refused' : outcome };
};

const madeIn = (draft: TurnDraft) => ({
  approvals: decisionsOf(draft, 'ask-approval').length,
  promises: decisionsOf(draft, 'make-promise').length,
});

const legRemoved = ({ name }: Tool, verdict: CallVerdict, { chatId, shown }: ToolContext): EventOf<'leg-removed'> | undefined => {
  if (verdict.kind === 'run' || !verdict.leg) return undefined;
  const until = verdict.kind === 'ask' ? 'approved' : 'never';
  return { type: 'leg-removed', chatId, tool: name, leg: verdict.leg, until, labels: shown?.provenance().labels ?? [] };
};

/** Counts what a call that goes out chooses freely, where its run may still choose that. */
const mayChoose = ({ choices }: Exclude<CallVerdict, { kind: 'refuse' }>, { shown }: ToolContext): boolean =>
  choices === undefined || shown === undefined || shown.mayChoose(choices);
const CHOSEN = 'this run has used up what it may send in its own words.';

const emitHelp = (
  { events, redact }: { readonly events: Events; readonly redact: Redact },
  { name }: Tool,
  { chatId }: ToolContext,
  error: unknown,
): void => {
  if (!isPortError(error) || error.help === undefined) return;
  events.emit({ type: 'tool-needs-operator', tool: name, chatId, reason: redact(reasonOf(error)), help: redact(error.help) });
};

const tookTooLong = ({ name, effect, timeoutMs }: Tool): Ended => {
  const output = `${name} took longer than ${seconds(timeoutMs)} and was ended. ${PARTLY}`;
  return { said: { output, isError: true, ...(effect === 'acts' ? { isUnknown: true } : {}) }, outcome: 'timeout' };
};

/** What acts may have begun, unless its error says that it has not. */
const failedBy = ({ name, effect }: Tool, error: unknown): Ended => {
  const output = `${name} failed: ${reasonOf(error)}`;
  if (effect !== 'acts' || isNotBegun(error)) return failed(output);
  return { said: { output: `${output.replace(/\.$/, '')}. ${PARTLY}`, isError: true, isUnknown: true }, outcome: 'failed' };
};

const PARTLY = 'It may have done a part of its work.';

/** Why a call can't be run here, whatever anybody says; undefined where it may. */
const impossibleCall = (tool: Tool, { input, context }: ToolRequest): string | undefined => {
  const unreadable = argumentsRefusal(input);
  if (unreadable !== undefined) return `${unreadable}.`;
  return tool.effect !== 'decides' || context.draft ? undefined : 'it decides something, which is only possible in an answer to a message.';
};

/** What the model is told of a call that needs an approval, or acts in a turn, where nobody can be asked. */
const unguarded = (tool: Tool, { context, offered }: ToolRequest, { kind }: CallVerdict): string => {
  const notRun = `${tool.name} was not run:`;
  if (!context.draft)
    return `${notRun} it needs a person's approval, and nobody can give it in this run.${howToAllow(tool.name, context.scope)}`;
  // A promise is refused, too, where configuration does not allow the tool.
  const inPromises = kind === 'run' ? '' : howToAllow(tool.name, context.scope, ' in promises');
  return `${notRun} it acts at once, and nothing may act while a message is answered. ${insteadOfActing(offered)}${inPromises}`;
};

/** Where configuration can say that a tool of an MCP server is safe; `where` names the runs, if not this one. */
const howToAllow = (tool: string, { workspace }: Scope, where = ''): string => {
  if (!tool.startsWith('mcp__')) return '';
  const place = workspace === undefined ? 'dm_whitelist' : `the workspace ${JSON.stringify(workspace)}`;
  return ` Whoever runs Kept can allow it${where}: "mcp_safe_tools" of ${place} in workspace_config.json may name it.`;
};

const insteadOfActing = (offered: readonly Tool[]): string =>
  offered.some(({ name }) => name === 'make_promise')
    ? 'Make a promise of it (make_promise), or say what a person has to do.'
    : 'Say what a person has to do.';

const noSuchTool = ({ name, offered }: ToolRequest): string =>
  `There is no tool named ${excerpt(name, MAX_NAME_LENGTH)} here. Available: ${offered.map((tool) => tool.name).join(', ') || 'none'}.`;

type Outcome = EventOf<'tool-called'>['outcome'];

/** What a call said, and how it ended. */
interface Ended {
  readonly said: ToolOutcome;
  readonly outcome: Outcome;
}

const failed = (output: string, outcome: Outcome = 'failed'): Ended => ({ said: { output, isError: true }, outcome });
const refused = ({ name }: Tool, reason: string): Ended => failed(`${name} was not run: ${reason}`, 'refused');
const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;
