import { type Agent, DEFAULT_PROMISE_AGENT } from '../../domain/agent/agent.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { CHAT_AGENT, PROMISE_AGENT } from './built-in.ts';

/** All agents, by name. */
export interface AgentCatalog {
  get(name: string): Agent | undefined;
  list(): readonly Agent[];
  /** The agent that answers in chats of this workspace. Default: the one for direct conversations. */
  chatAgent(workspace?: string): Agent;
  /** The agent that keeps promises that name no agent. */
  promiseAgent(): Agent;
}

/**
 * A catalog of one agent for chats and one for promises. Default: the built-in ones. Promises that name `valor_agent`
 * are kept by the promise agent, whatever its name is.
 */
export const makeAgentCatalog = ({
  chat = CHAT_AGENT,
  promise = PROMISE_AGENT,
}: {
  readonly chat?: Agent | undefined;
  readonly promise?: Agent | undefined;
} = {}): AgentCatalog => {
  const agents = new Map([chat, promise].map((agent) => [agent.name, agent]));
  if (!agents.has(DEFAULT_PROMISE_AGENT)) agents.set(DEFAULT_PROMISE_AGENT, promise);
  return {
    get: (name) => agents.get(name),
    list: () => [chat, promise],
    chatAgent: () => chat,
    promiseAgent: () => promise,
  };
};

/** Says that no agent has this name, and which agents there are. */
export const noSuchAgent = (name: string, agents: Pick<AgentCatalog, 'list'>): string => {
  const names = agents.list().map((agent) => agent.name);
  const near = nearestName(name, names);
  return `there is no agent named ${JSON.stringify(name)}${near === undefined ? `; there are ${names.join(', ')}` : `: did you mean ${near}?`}`;
};
