import { type ModelStep, NO_MODEL } from '../../domain/agent/run-step.ts';
import { promisedCall } from '../../domain/approval/guarded-call.ts';
import { unknownOutcome } from '../../domain/approval/transition.ts';
import { NO_USAGE } from '../../domain/conversation/turn.ts';
import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { speakersOf } from '../../domain/rights/speakers.ts';
import { present } from '../../domain/shared/present.ts';
import { joined, type Provenance, UNKNOWN } from '../../domain/trust/labels.ts';
import { makeShown } from '../../domain/trust/shown.ts';
import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import type { ExecuteOptions, PromiseExecutor, WorkResult } from '../../ports/promise-executor.ts';
import type { Redact } from '../../ports/redact.ts';
import { admitCalls, readmittedCall, recordedCall } from '../agents/admitted-calls.ts';
import type { AgentCatalog } from '../agents/agent-catalog.ts';
import { callTools } from '../agents/call-tools.ts';
import type { OpenSpending } from '../budgets/spending.ts';
import type { CallParts } from '../tools/call-parts.ts';
import type { PromiseRuns } from './promise-run.ts';
import { scopeOfPromise, spenderOf } from './promise-scope.ts';

/**
 * Keeps a promise that is exactly one call of a tool. It is run as an agent's calls are: through `CallTool`, which asks
 * whether it is approved, and in a journal, so that it takes effect once however often processes die.
 */
export const makeCallExecutor = (
  deps: CallParts & {
    readonly agents: Pick<AgentCatalog, 'get'>;
    readonly runs: PromiseRuns;
    /** Pays for calls of priced tools. Absent: they have no price. */
    readonly openSpending?: OpenSpending | undefined;
    readonly policy: AccessPolicy;
    readonly clock: Clock;
    readonly events: Events;
    readonly redact: Redact;
  },
): PromiseExecutor => {
  const { clock, events, redact, callTool, askOutcome } = deps;

  const execute = async (promise: LeasedPromise, { signal, progress, onRun, onShown, onSpending }: ExecuteOptions): Promise<WorkResult> => {
    const call = promisedCall(promise);
    const agent = deps.agents.get(promise.agent);
    if (!call || !agent) throw couldNot(`${promise.agent}, which asked for this call, is no agent here.`);
    const scope = scopeOfPromise(promise, deps.policy);
    const speakers = speakersOf(promise);
    const tool = deps.tools.toolsFor({ agent, scope, person: promise.requestedBy, speakers }).find(({ name }) => name === call.tool);
    if (!tool) throw couldNot(`${call.tool} is not there, or may not be used here.`);
    const journal = await deps.runs.open(promise, signal);
    onRun?.(journal);
    const provenance = promise.provenance ?? UNKNOWN;
    // Until the tool has begun, whatever is said is Kept's own.
    let said: Provenance | undefined;
    onShown?.({ provenance: () => joined([provenance, said]) });
    const recorded = journal.take('model');
    const admitted = recorded
      ? recorded.calls.map(readmittedCall)
      : admitCalls([{ id: 'call_1', tool: call.tool, input: call.input }], 1, redact);
    if (!recorded) journal.add(stepOf(admitted.map(recordedCall), clock.now()));
    const { chatId, chatKind, requestedBy, messageId } = promise;
    const context = {
      chatId,
      chatKind,
      requestedBy,
      scope,
      signal,
      progress,
      agent: promise.agent,
      promise: { id: promise.id, isCall: true as const },
      shown: makeShown([{ role: 'agent', text: '', toolCalls: [], provenance }]),
      ...present({ messageId }),
    };
    const spending = deps.openSpending?.(spenderOf(promise, scope.workspace), signal, journal.rest().writer);
    if (spending) onSpending?.(spending);
    const onTool = (): void => {
      if (tool.source) said = { labels: [tool.source] };
      progress(tool.activity);
    };
    const calling = { offered: [tool], context, journal, length: 0, onTool, ...present({ spending }) };
    const [result] = await callTools({ callTool, askOutcome, clock, events }, calling, admitted);
    said = joined([said, result?.provenance]);
    const unknown = journal.steps().find((step) => step.kind === 'tool' && step.outcome === 'unknown');
    if (unknown?.kind === 'tool') throw couldNot(unknownOutcome(tool.name, unknown.isInterrupted ? '' : unknown.output));
    if (!result || result.isError) throw couldNot(result?.output ?? 'There was nothing to call.');
    return { text: result.output.trim() === '' ? 'Done; it said nothing.' : result.output, usage: NO_USAGE };
  };
  return { execute };
};

const couldNot = (reason: string): PortError => new PortError('could-not', reason, { retryable: false });

const stepOf = (calls: ModelStep['calls'], at: number): ModelStep => ({
  kind: 'model',
  at,
  durationMs: 0,
  model: NO_MODEL,
  usage: NO_USAGE,
  stop: 'tool_calls',
  text: '',
  calls,
});
