import type { Container } from 'inversify';
import {
  CHAT_AGENT,
  makeAgentCatalog,
  makeMayAct,
  makeRunAgent,
  makeRunAlone,
  PROMISE_AGENT,
  SCOUT_AGENT,
} from '../../application/index.ts';
import type { Agent, AgentLimits } from '../../domain/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { bindModels } from './models.ts';
import { bindTools } from './tools.ts';

const T = TOKENS;

/** Everything that runs agents. Bot and worker share it when they live in one process. */
export const bindAgents = (container: Container): void => {
  if (container.isBound(T.runAgent)) return;
  bindModels(container);
  bindTools(container);
  bind(container, T.agents, { config: T.config }, ({ config: { agents, policy } }) =>
    makeAgentCatalog({
      chat: withLimits(CHAT_AGENT, agents.chat),
      promise: withLimits(PROMISE_AGENT, agents.promise),
      others: [SCOUT_AGENT],
      workspaces: policy.workspaces,
    }),
  );
  bind(container, T.mayAct, { policy: T.policy }, ({ policy }) => makeMayAct(policy));
  bind(
    container,
    T.runAgent,
    { models: T.models, tools: T.tools, events: T.events, clock: T.clock, redact: T.redact, mayAct: T.mayAct },
    makeRunAgent,
  );
  bind(
    container,
    T.runAlone,
    {
      storage: T.storage,
      runAgent: T.runAgent,
      clock: T.clock,
      randomness: T.randomness,
      events: T.events,
      timeZone: T.timeZone,
    },
    ({ storage: { stores, unitOfWork }, ...parts }) => makeRunAlone({ ...parts, stores, unitOfWork }),
  );
};

const withLimits = (agent: Agent, limits: Partial<AgentLimits>): Agent => ({ ...agent, limits: { ...agent.limits, ...limits } });
