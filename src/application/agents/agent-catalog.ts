import { type Agent, DEFAULT_PROMISE_AGENT } from '../../domain/agent/agent.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { CHAT_AGENT, PROMISE_AGENT } from './built-in.ts';

/** The agents that there are, by name. */
export interface AgentCatalog {
  get(name: string): Agent | undefined;
  list(): readonly Agent[];
  /** Who answers messages in a chat of this workspace, or in a direct conversation. */
  chatAgent(workspace?: string): Agent;
  /** Who keeps promises that name no agent. */
  promiseAgent(): Agent;
}

/**
 * One agent for chats and one for promises; the built-in ones unless told. A promise that names `valor_agent` is kept
 * by the promise agent, whatever that is called.
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

/** That there is no agent of a name, and which there are. */
export const noSuchAgent = (name: string, agents: Pick<AgentCatalog, 'list'>): string => {
  const names = agents.list().map((agent) => agent.name);
  const near = nearestName(name, names);
  return `there is no agent named ${JSON.stringify(name)}${near === undefined ? `; there are ${names.join(', ')}` : `: did you mean ${near}?`}`;
};
