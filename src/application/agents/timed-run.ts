import type { Agent } from '../../domain/agent/agent.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import { timeIsOver, untilAborted } from '../loops/timers.ts';
import type { RunAgent } from './run-agent.ts';

/**
 * Runs an agent within its own limit of time (`limits.timeoutSeconds`): a run that takes longer is aborted, and rejects
 * with a retryable PortError `timeout` that names the agent and its limit. An agent without a limit has `defaultMs`,
 * where that is given.
 */
export const makeTimedRun =
  (deps: { readonly runAgent: RunAgent; readonly clock: Clock; readonly events: Events; readonly defaultMs?: number }): RunAgent =>
  async (agent, run) => {
    const limitMs = timeLimitMs(agent) ?? deps.defaultMs;
    if (limitMs === undefined) return deps.runAgent(agent, run);
    const overtime = new AbortController();
    const cancel = deps.clock.after(limitMs, () => overtime.abort(timeIsOver()));
    const signal = AbortSignal.any([run.context.signal, overtime.signal]);
    const answerBy = Math.min(run.answerBy ?? Number.POSITIVE_INFINITY, deps.clock.now() + limitMs);
    const ignored = (): void => deps.events.emit({ type: 'agent-ignored-abort', chatId: run.context.chatId });
    try {
      const work = deps.runAgent(agent, { ...run, answerBy, context: { ...run.context, signal } });
      return await untilAborted(work, overtime.signal, deps.clock, ignored);
    } catch (error) {
      if (!overtime.signal.aborted || run.context.signal.aborted) throw error;
      throw new PortError('timeout', tookLonger(agent, limitMs), { retryable: true, cause: error });
    } finally {
      cancel();
    }
  };

/** How long a run of this agent may take, in ms. Undefined where the agent sets no limit. */
export const timeLimitMs = ({ limits: { timeoutSeconds } }: Pick<Agent, 'limits'>): number | undefined =>
  timeoutSeconds === undefined ? undefined : timeoutSeconds * 1_000;

const tookLonger = ({ name, limits }: Agent, limitMs: number): string =>
  limits.timeoutSeconds === undefined
    ? `${name} took longer than ${limitMs / 60_000} minutes, and was ended`
    : `${name} took longer than its limit of ${limits.timeoutSeconds} s (limits.timeoutSeconds), and was ended`;
