import type { Agent } from '../../domain/agent/agent.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { Clock } from '../../ports/clock.ts';
import type { HealthProbe } from '../../ports/health-probe.ts';
import { reasonOf } from '../../ports/port-error.ts';
import { whereOpened } from './where-opened.ts';

/** Asks the agent, and resolves to its answer and to the model that gave it. Rejects with PortError. */
export type AskAgent = (agent: Agent, prompt: string, signal: AbortSignal) => Promise<{ readonly text: string; readonly model: string }>;

/** What each agent is asked. It calls for no tool, and for few words. */
export const TEST_PROMPT = 'This is a health check. Answer in one short sentence: who are you?';

export const AGENT_PROBE = 'agent.';

const LIMIT_MS = 30_000;
const SHOWN_LENGTH = 100;

/** A probe of each agent: it answers a real question, through its own model. That costs money. */
export const makeAgentProbes = ({
  agents,
  ask,
  opened,
  clock,
}: {
  readonly agents: readonly Agent[];
  readonly ask: AskAgent;
  /** Resolves where what it costs can be stored. */
  readonly opened: () => Promise<object>;
  readonly clock: Clock;
}): readonly HealthProbe[] =>
  agents.map((agent) => {
    const fixHint = `see the line of its model (${agent.model ?? 'the first of KEPT_MODELS'}), its key and its credit`;
    return {
      id: `${AGENT_PROBE}${agent.name}`,
      depth: 'deep',
      limitMs: LIMIT_MS,
      late: { status: 'fail', fixHint },
      probe: (signal) =>
        whereOpened(clock, opened, async () => {
          const elapsed = clock.elapsed ?? clock.now;
          const askedAt = elapsed();
          try {
            const { text, model } = await ask(agent, TEST_PROMPT, signal);
            const tookMs = Math.max(0, Math.round(elapsed() - askedAt));
            return { status: 'ok', message: `${model} answered after ${tookMs} ms: ${lineExcerpt(text, SHOWN_LENGTH)}`, reply: text };
          } catch (error) {
            return { status: 'fail', message: reasonOf(error), fixHint };
          }
        }),
    };
  });
