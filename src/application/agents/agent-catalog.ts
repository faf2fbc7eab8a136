import { type Agent, DEFAULT_PROMISE_AGENT } from '../../domain/agent/agent.ts';
import { CHAT_AGENT, PROMISE_AGENT } from '../../domain/agent/built-in.ts';
import { noSuchAgent as noAgentNamed } from '../../domain/agent/no-such-agent.ts';
import type { Workspace } from '../../domain/workspace/policy.ts';

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
 * A catalog of one agent for chats, one for promises, and others that workspaces and promises may name. Default: the
 * built-in ones. Promises that name `valor_agent` are kept by the promise agent, whatever its name is. A workspace that
 * names an agent which is not here is answered by the agent for chats.
 */
export const makeAgentCatalog = ({
  chat = CHAT_AGENT,
  promise = PROMISE_AGENT,
  others = [],
  workspaces = [],
}: {
  readonly chat?: Agent | undefined;
  readonly promise?: Agent | undefined;
  readonly others?: readonly Agent[] | undefined;
  readonly workspaces?: readonly Pick<Workspace, 'name' | 'agent'>[] | undefined;
} = {}): AgentCatalog => {
  const all = [chat, promise, ...others];
  const agents = new Map(all.map((agent) => [agent.name, agent]));
  if (!agents.has(DEFAULT_PROMISE_AGENT)) agents.set(DEFAULT_PROMISE_AGENT, promise);
  const byWorkspace = new Map(workspaces.map(({ name, agent }) => [name, agents.get(agent ?? chat.name)]));
  return {
    get: (name) => agents.get(name),
    list: () => all,
    chatAgent: (workspace) => byWorkspace.get(workspace ?? '') ?? chat,
    promiseAgent: () => promise,
  };
};

/** Says that no agent of the catalog has this name, and which agents there are. */
export const noSuchAgent = (name: string, agents: Pick<AgentCatalog, 'list'>): string =>
  noAgentNamed(
    name,
    agents.list().map((agent) => agent.name),
  );
