import { MAX_RUN_LENGTH } from '../../domain/agent/agent.ts';
import type { IntentStep, ToolStep } from '../../domain/agent/run-step.ts';
import { interruptedOutput } from '../../domain/agent/run-step.ts';
import type { AllowedBy } from '../../domain/approval/approval.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { NO_USAGE } from '../../domain/conversation/turn.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import {
  isPrivateSource,
  joined,
  OWN_WORDS,
  type Provenance,
  provenanceByTool,
  provenanceFields,
  UNKNOWN,
} from '../../domain/trust/labels.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, PortError } from '../../ports/port-error.ts';
import type { RunJournal } from '../../ports/run-journal.ts';
import type { PaidCall, Spending } from '../../ports/spending.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../ports/tool.ts';
import { ApprovalNeededError } from '../tools/call-guard.ts';
import { type CallTool, MAX_OUTPUT_LENGTH } from '../tools/call-tool.ts';
import type { AskOutcome } from '../tools/interrupted-call.ts';
import type { AdmittedCall } from './admitted-calls.ts';

type ToolMessage = Extract<ConversationStep, { role: 'tool' }>;

interface CallDeps {
  readonly callTool: CallTool;
  readonly askOutcome: AskOutcome;
  readonly clock: Pick<Clock, 'now'>;
  readonly events: Events;
}

interface Calling {
  readonly offered: readonly Tool[];
  readonly context: ToolContext;
  readonly journal: RunJournal;
  /** How long the run is already. */
  readonly length: number;
  readonly onTool?: (tool: Tool) => void;
  readonly spending?: Spending;
}

/** How many calls of tools that only read run side by side. */
const MAX_SIDE_BY_SIDE = 8;

/**
 * Runs the calls of one reply, and gives their results in the order of the calls; rejects as soon as the run is over.
 * Neighbours that only read run side by side, everything else alone, in its order. What the journal holds of them is
 * taken over. Before a tool acts, that it will is durable.
 */
export const callTools = async (deps: CallDeps, calling: Calling, calls: readonly AdmittedCall[]): Promise<readonly ToolMessage[]> => {
  const { journal, offered, context } = calling;
  const { results, intent } = takeOver(journal, context, calls.length);
  let length = calling.length + results.reduce((total, { output }) => total + output.length, 0);
  const record = async (step: ToolStep): Promise<void> => {
    length += step.output.length;
    journal.add(step);
    results.push(step);
    // Whoever has approved it is told at once.
    if (step.approvalId !== undefined) await journal.flush(context.signal);
  };
  const only = (at: number): boolean => isQuiet(offered, calls[at]);
  const interrupted = intent && (await goOnAfter(deps, calling, calls, { at: results.length, by: allowedBy(intent) }));
  if (interrupted) await record(interrupted);
  // The intent of a tool that acts becomes durable together with the reply that calls it.
  if (results.length < calls.length && !acts(offered, calls[results.length])) await journal.flush(context.signal);
  while (results.length < calls.length) {
    requireGoingOn(context.signal);
    const places = [results.length];
    for (let at = results.length + 1; only(results.length) && at < calls.length && only(at) && places.length < roomBeside(length); at++)
      places.push(at);
    const { steps, needed } = await runSideBySide(deps, { ...calling, length }, calls, places);
    for (const step of steps) await record(step);
    if (needed) throw needed;
  }
  tellFailures(deps.events, context.chatId, results);
  return results.map((result): ToolMessage => {
    const { call, output, isError } = result;
    const { id, tool } = (calls[call] as AdmittedCall).kept;
    return { role: 'tool', callId: id, tool, output, isError, provenance: provenanceOf(result) };
  });
};

/** As recorded; else Kept's own words of a call that did not run or that it promised, or of before labels were. */
const provenanceOf = ({ provenance, outcome, effect = 'decides', tool }: ToolStep): Provenance =>
  provenance ?? (outcome !== 'done' || effect === 'decides' ? OWN_WORDS : (provenanceByTool(tool) ?? UNKNOWN));

const allowedBy = ({ approvalId, standingId }: AllowedBy): AllowedBy => present({ approvalId, standingId });

/** What the journal holds of the calls of one reply; and the intent of the last one, if it has no result. */
const takeOver = (journal: RunJournal, context: ToolContext, count: number) => {
  const results: ToolStep[] = [];
  let intent: IntentStep | undefined;
  while (results.length < count) {
    const taken = journal.take('tool');
    if (taken) {
      for (const decision of taken.decisions ?? []) context.draft?.decide(decision);
      results.push(taken);
      intent = undefined;
      continue;
    }
    const begun = journal.take('intent');
    if (!begun) break;
    intent = begun;
  }
  return { results, intent };
};

/** Where the output of a tool comes from. */
const sourceOfOutput = (tool: Tool | undefined, of: Provenance | undefined): Provenance => {
  const { source, readsPrivate } = tool ?? {};
  // What labels say of themselves needs no mark.
  const isPrivate = readsPrivate && (!source || !isPrivateSource(source)) ? (true as const) : undefined;
  return provenanceFields(joined([{ labels: source ? [source] : [], ...present({ isPrivate }) }, of])) ?? OWN_WORDS;
};

/** Changes nothing, whatever comes of it. */
const isQuiet = (offered: readonly Tool[], admitted: AdmittedCall | undefined): boolean => {
  if (admitted?.refusal !== undefined) return true;
  const tool = offered.find(({ name }) => name === admitted?.call.tool);
  return !tool || tool.effect === 'reads';
};

const acts = (offered: readonly Tool[], admitted: AdmittedCall | undefined): boolean =>
  admitted?.refusal === undefined && offered.some(({ name, effect }) => name === admitted?.call.tool && effect === 'acts');

const requireGoingOn = (signal: AbortSignal): void => {
  if (signal.aborted) throw new PortError('aborted', 'the run was ended', { retryable: false });
};

const runOne = async (
  { callTool, clock }: CallDeps,
  { offered, context, journal, length, onTool, spending }: Calling,
  calls: readonly AdmittedCall[],
  at: number,
): Promise<ToolStep> => {
  const { call, kept, refusal } = calls[at] as AdmittedCall;
  const startedAt = clock.now();
  const decided = context.draft?.decisions.length ?? 0;
  const { paid, stopped } = await beginPaid(spending, offered, calls[at] as AdmittedCall);
  const reason = refusal ?? (length > MAX_RUN_LENGTH ? READ_ALL : stopped);
  const callKey = journal.callKey(at);
  const chosen = (): number | undefined => context.shown?.chosen() || undefined;
  let begun: Tool | undefined;
  let by: AllowedBy | undefined;
  const onBegin = (tool: Tool, allowed?: AllowedBy): void | Promise<void> => {
    begun = tool;
    by = allowed;
    onTool?.(tool);
    if (tool.effect !== 'acts') return;
    journal.add({ kind: 'intent', at: clock.now(), call: at, tool: kept.tool, ...by, ...present({ callKey, chosen: chosen() }) });
    return journal.flush(context.signal);
  };
  const outcome: ToolOutcome =
    reason === undefined
      ? await callTool({ name: call.tool, input: call.input, offered, context: { ...context, ...present({ callKey }) }, onBegin }).catch(
          (error: unknown) => {
            paid?.end({ usage: NO_USAGE, how: error instanceof ApprovalNeededError ? 'refused' : 'unknown' });
            throw error;
          },
        )
      : { output: reason, isError: true };
  const { output, isError } = outcome;
  const spent = paid?.end({ usage: NO_USAGE, how: isError || !begun ? 'refused' : 'ended' });
  const decisions = context.draft?.decisions.slice(decided) ?? [];
  return {
    kind: 'tool',
    at: clock.now(),
    durationMs: clock.now() - startedAt,
    call: at,
    tool: kept.tool,
    input: kept.input,
    output,
    isError,
    // A call that became a promise has decided something.
    outcome: begun?.effect === 'acts' && outcome.isUnknown ? 'unknown' : begun || decisions.length > 0 ? 'done' : 'refused',
    ...by,
    ...present({
      callKey,
      chosen: chosen(),
      effect: begun?.effect ?? (decisions.length > 0 ? ('decides' as const) : undefined),
      decisions: decisions.length > 0 ? decisions : undefined,
      spent: spent && [spent],
      provenance: begun && sourceOfOutput(begun, outcome.provenance),
    }),
  };
};

/** Begins to pay for a call of a tool that has a price; or says, for the model, why no budget allows it. */
const beginPaid = async (
  spending: Spending | undefined,
  offered: readonly Tool[],
  { call, refusal }: AdmittedCall,
): Promise<{ readonly paid?: PaidCall; readonly stopped?: string }> => {
  const price = offered.find(({ name }) => name === call.tool)?.price;
  if (!spending || price === undefined || refusal !== undefined) return {};
  try {
    return { paid: await spending.beginTool(price) };
  } catch (error) {
    if (isPortError(error) && error.code === 'over-budget') return { stopped: `${call.tool} was not run: ${error.message}` };
    throw error;
  }
};

/**
 * Once a call ends the run, the others are ended too. Where people are to be asked about a call, its neighbours end
 * first: what has gone out need not go out again. The steps are those before the first such call.
 */
const runSideBySide = async (
  deps: CallDeps,
  calling: Calling,
  calls: readonly AdmittedCall[],
  places: readonly number[],
): Promise<{ readonly steps: readonly ToolStep[]; readonly needed?: ApprovalNeededError }> => {
  const failure = new AbortController();
  const context = { ...calling.context, signal: AbortSignal.any([calling.context.signal, failure.signal]) };
  let reason: unknown;
  const ended = await Promise.all(
    places.map((at) =>
      runOne(deps, { ...calling, context }, calls, at).catch((error: unknown) => {
        if (error instanceof ApprovalNeededError) return error;
        reason ??= error;
        failure.abort();
        return undefined;
      }),
    ),
  );
  if (failure.signal.aborted) throw reason;
  const needed = ended.find((each) => each instanceof ApprovalNeededError);
  const before = needed ? ended.slice(0, ended.indexOf(needed)) : ended;
  return { steps: before.flatMap((each) => (each && !(each instanceof ApprovalNeededError) ? [each] : [])), ...present({ needed }) };
};

/** How many calls may run side by side, so that the run reads hardly more than it may. */
const roomBeside = (length: number): number =>
  Math.max(1, Math.min(MAX_SIDE_BY_SIDE, Math.floor((MAX_RUN_LENGTH - length) / MAX_OUTPUT_LENGTH)));

/**
 * The result of a call of a tool that acts during which an earlier process ended, as far as it can be known. Undefined
 * where the tool says that it was not run: then it runs now.
 */
const goOnAfter = async (
  { askOutcome, clock, events }: CallDeps,
  { offered, context, journal }: Calling,
  calls: readonly AdmittedCall[],
  { at, by }: { readonly at: number; readonly by: AllowedBy },
): Promise<ToolStep | undefined> => {
  const admitted = calls[at];
  if (!admitted) return undefined;
  const { call, kept } = admitted;
  const callKey = journal.callKey(at);
  const tool = offered.find(({ name }) => name === call.tool);
  const startedAt = clock.now();
  const became = callKey === undefined ? 'unknown' : await askOutcome(tool, call.input, { ...context, callKey });
  if (became === 'not-run') return undefined;
  if (became === 'unknown') events.emit({ type: 'tool-outcome-unknown', tool: kept.tool, chatId: context.chatId, ...present({ callKey }) });
  const outcome: ToolOutcome = became === 'unknown' ? { output: interruptedOutput(kept.tool), isError: true } : became;
  const { output, isError } = outcome;
  return {
    kind: 'tool',
    at: clock.now(),
    durationMs: clock.now() - startedAt,
    call: at,
    tool: kept.tool,
    effect: 'acts',
    input: kept.input,
    output,
    isError,
    outcome: became === 'unknown' || outcome.isUnknown ? 'unknown' : 'done',
    ...by,
    ...(became === 'unknown' ? { isInterrupted: true } : { provenance: sourceOfOutput(tool, outcome.provenance) }),
    ...present({ callKey }),
  };
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
