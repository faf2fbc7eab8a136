import type { Agent } from '../../domain/agent/agent.ts';
import type { EventOf } from '../../domain/events/event.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import { OutdatedRunError } from '../../ports/run-journal.ts';
import type { ToolContext } from '../../ports/tool.ts';
import { startStopwatch } from '../loops/stopwatch.ts';
import { isTimeout } from '../loops/timers.ts';
import { ApprovalNeededError } from '../tools/call-guard.ts';
import { isReportedFailure } from '../tools/report-failure.ts';
import type { AgentRun, RunAgent } from './run-agent.ts';

type Outcome = EventOf<'agent-run-ended'>['outcome'];

/** Begins to measure a run of an agent; call the result once, with how it ended. */
export const beginMeasuredRun = (
  { clock, events }: { readonly clock: Clock; readonly events: Events },
  { name: agent }: Pick<Agent, 'name'>,
  { chatId, promise, scope: { workspace } }: Pick<ToolContext, 'chatId' | 'promise' | 'scope'>,
): ((outcome: Outcome) => void) => {
  const durationMs = startStopwatch(clock);
  return (outcome) =>
    events.emit({
      type: 'agent-run-ended',
      agent,
      chatId,
      ...present({ promiseId: promise?.id, workspace }),
      outcome,
      durationMs: durationMs(),
    });
};

/** A run that has no answer of its model's has failed. */
export const outcomeOfRun = ({ unanswered }: Pick<AgentRun, 'unanswered'>): Outcome => (unanswered === undefined ? 'done' : 'failed');

/**
 * How a run ended that rejected with `error`; `signal` is what it was stopped by, if it was. An agent that reports that
 * its task can't be done has worked: nothing here can be mended. One that says that it may work in a minute has not.
 */
export const outcomeOfFailure = (error: unknown, signal: AbortSignal): Outcome => {
  if (error instanceof ApprovalNeededError) return 'paused';
  if (error instanceof OutdatedRunError) return 'stopped';
  if (signal.aborted) return isTimeout(signal.reason) ? 'timeout' : 'stopped';
  if (isReportedFailure(error)) return error.retryable ? 'failed' : 'done';
  return isPortError(error) && error.code === 'timeout' ? 'timeout' : 'failed';
};

/** Runs an agent; how that ended is an event. Repeats within it are parts of that one run. */
export const makeMeasuredRun =
  (deps: { readonly runAgent: RunAgent; readonly clock: Clock; readonly events: Events }): RunAgent =>
  async (agent, run) => {
    const ended = beginMeasuredRun(deps, agent, run.context);
    try {
      const done = await deps.runAgent(agent, run);
      ended(outcomeOfRun(done));
      return done;
    } catch (error) {
      ended(outcomeOfFailure(error, run.context.signal));
      throw error;
    }
  };
