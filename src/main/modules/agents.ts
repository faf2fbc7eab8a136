import type { Container } from 'inversify';
import {
  type AgentCatalog,
  CHAT_AGENT,
  makeAgentCatalog,
  makeCallGuard,
  makeJudgeCall,
  makeOpenSpending,
  makeRunAgent,
  makeRunAlone,
  PROMISE_AGENT,
} from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { withSkills } from '../../domain/agent/skill.ts';
import type { Agent, AgentLimits } from '../../domain/index.ts';
import { viewOf } from '../../domain/shared/view.ts';
import { bind } from '../bind.ts';
import { madeFrom } from '../live-config.ts';
import { TOKENS } from '../tokens.ts';
import { bindModels } from './models.ts';
import { bindTools } from './tools.ts';

const T = TOKENS;

/** Everything that runs agents. Bot and worker share it when they live in one process. */
export const bindAgents = (container: Container): void => {
  if (container.isBound(T.runAgent)) return;
  bindModels(container);
  bindTools(container);
  bind(container, T.agents, { config: T.config }, ({ config }) => viewOf(catalogNow(config)));
  bind(container, T.judgeCall, { policy: T.policy }, ({ policy }) => makeJudgeCall(policy));
  bind(
    container,
    T.callGuard,
    { storage: T.storage, clock: T.clock, redact: T.redact, approvalMs: T.approvalMs, prices: T.prices },
    ({ storage: { stores }, ...parts }) => makeCallGuard({ ...parts, stores }),
  );
  bind(
    container,
    T.runAgent,
    {
      models: T.models,
      tools: T.tools,
      events: T.events,
      correlation: T.correlation,
      content: T.content,
      clock: T.clock,
      redact: T.redact,
      judgeCall: T.judgeCall,
      guard: T.callGuard,
    },
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
      redact: T.redact,
      policy: T.policy,
      prices: T.prices,
      perPromise: T.perPromise,
    },
    ({ storage: { stores, unitOfWork }, redact, policy, prices, perPromise, ...parts }) =>
      makeRunAlone({
        ...parts,
        stores,
        unitOfWork,
        openSpending: makeOpenSpending({ ...parts, unitOfWork, redact, policy, prices, perPromise }),
      }),
  );
};

/** The catalog of the agents that there are at the moment. */
const catalogNow = (config: Config): (() => AgentCatalog) =>
  madeFrom(
    () => [config.agents.all, config.agents.skills, config.policy.workspaces] as const,
    () => catalogOf(config),
  );

/** The agents of the configuration, with their skills; those for chats and for promises with what is set for them. */
export const catalogOf = ({ agents: { all, skills, chat, promise }, policy: { workspaces } }: Config): AgentCatalog => {
  const agents = all.map(({ agent }) => withSkills(agent, skills));
  const named = (builtIn: Agent): Agent => agents.find(({ name }) => name === builtIn.name) ?? builtIn;
  return makeAgentCatalog({
    chat: withLimits(named(CHAT_AGENT), chat),
    promise: withLimits(named(PROMISE_AGENT), promise),
    others: agents.filter(({ name }) => name !== CHAT_AGENT.name && name !== PROMISE_AGENT.name),
    workspaces,
  });
};

const withLimits = (agent: Agent, limits: Partial<AgentLimits>): Agent => ({ ...agent, limits: { ...agent.limits, ...limits } });
