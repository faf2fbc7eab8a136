import type { Container } from 'inversify';
import { CHAT_AGENT, makeRunAgent, PROMISE_AGENT } from '../../application/index.ts';
import type { Agent, AgentLimits } from '../../domain/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { bindModels } from './models.ts';
import { bindTools } from './tools.ts';

const T = TOKENS;

/** What it takes to run agents; bot and worker share it when they live in one process. */
export const bindAgents = (container: Container): void => {
  if (container.isBound(T.runAgent)) return;
  bindModels(container);
  bindTools(container);
  bind(container, T.chatAgent, { config: T.config }, ({ config }) => withLimits(CHAT_AGENT, config.agents.chat));
  bind(container, T.promiseAgent, { config: T.config }, ({ config }) => withLimits(PROMISE_AGENT, config.agents.promise));
  bind(container, T.runAgent, { model: T.model, tools: T.tools, events: T.events, clock: T.clock, redact: T.redact }, makeRunAgent);
};

const withLimits = (agent: Agent, limits: Partial<AgentLimits>): Agent => ({ ...agent, limits: { ...agent.limits, ...limits } });
