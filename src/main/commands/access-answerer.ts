import { makeMemoryStorage } from '../../adapters/memory/index.ts';
import { makeJudgeCall } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { fitsName } from '../../domain/agent/tool-name.ts';
import { CODING_TOOL } from '../../domain/approval/guarded-call.ts';
import { type AccessPolicy, decideRight, type IncomingMessage, makeTurnDraft } from '../../domain/index.ts';
import { originOf } from '../../domain/message/access.ts';
import { present } from '../../domain/shared/present.ts';
import { makeShown } from '../../domain/trust/shown.ts';
import { provenanceOfMessage } from '../../domain/trust/speaker.ts';
import { scopeOf, workspaceOf } from '../../domain/workspace/policy.ts';
import { silentLogger, type Tool } from '../../ports/index.ts';

/** A tool as it is offered there. */
export interface SimulatedTool {
  readonly name: string;
  readonly effect: Tool['effect'];
  /** A person has to approve each call. */
  readonly needsApproval: boolean;
  /** It is offered, and each call of it is refused there. */
  readonly refused?: boolean;
}

/** Who would answer a message. */
export interface Answerer {
  readonly agent: string;
  /** In the order in which they are asked. */
  readonly models: readonly string[];
  readonly tools: readonly SimulatedTool[];
}

/**
 * Tells who would answer messages, and with what: by the configuration alone, on an empty storage, with no server
 * asked.
 */
export const withAnswerers = async <T>(
  config: Config,
  use: (answererOf: (message: IncomingMessage) => Promise<Answerer>) => Promise<T>,
): Promise<T> => {
  // Loaded on demand: other commands should not wait for the SDKs of models.
  const [{ makeAppContext }, { bindAgents }, { TOKENS }] = await Promise.all([
    import('../container.ts'),
    import('../modules/agents.ts'),
    import('../tokens.ts'),
  ]);
  const root = makeAppContext(config, silentLogger);
  const { container } = root;
  bindAgents(container);
  await Promise.all([container.unbind(TOKENS.storage), container.unbind(TOKENS.mcp), container.unbind(TOKENS.policy)]);
  container.bind(TOKENS.storage).toConstantValue(makeMemoryStorage());
  container.bind(TOKENS.mcp).toConstantValue(undefined);
  const { policy } = config;
  // With whoever was let in, whom an empty storage does not know.
  container.bind(TOKENS.policy).toConstantValue(policy);
  const answererOf = async (message: IncomingMessage): Promise<Answerer> => {
    const origin = originOf(message);
    const scope = scopeOf(policy, origin);
    const agent = (await root.get(TOKENS.agents)).chatAgent(scope.workspace);
    const { senderId: id, username } = origin;
    const offered = (await root.get(TOKENS.tools)).toolsFor({ agent, scope, person: { id, ...present({ username }) }, speakers: [origin] });
    return {
      agent: agent.name,
      models: [...(agent.model === undefined ? [] : [agent.model]), ...config.models.order.filter((name) => name !== agent.model)],
      tools: [...offered.map((tool) => simulatedTool(policy, message, tool)), ...ofServers(config, agent.tools, message)],
    };
  };
  try {
    return await use(answererOf);
  } finally {
    await root.lifecycle.stop();
  }
};

/** What becomes of a call of the tool there, as every call is judged. */
const simulatedTool = (policy: AccessPolicy, message: IncomingMessage, tool: Pick<Tool, 'name' | 'effect'>): SimulatedTool => {
  const origin = originOf(message);
  const { chatId, chatKind, senderId: id, username } = origin;
  const { name, effect } = tool;
  const requestedBy = { id, ...present({ username }) };
  const scope = scopeOf(policy, origin);
  const said = { role: 'person', name: '', text: message.text, provenance: provenanceOfMessage(policy, message) } as const;
  const signal = new AbortController().signal;
  const context = { chatId, chatKind, requestedBy, scope, signal, draft: makeTurnDraft(), shown: makeShown([said]) };
  const verdict = makeJudgeCall(policy)({ ...UNCALLED, name, effect }, {}, context);
  const isCoding = name === CODING_TOOL && decideRight(policy, origin, 'start-coding').needsApproval === true;
  const isNamed = verdict.kind === 'run' && fitsName(name, workspaceOf(policy, chatId)?.approve ?? []);
  return {
    name,
    effect,
    needsApproval: verdict.kind === 'ask' || isNamed || isCoding,
    ...(verdict.kind === 'refuse' ? { refused: true } : {}),
  };
};

/** Nothing of it is looked at but its name and effect. */
const UNCALLED: Tool = {
  name: '',
  description: '',
  inputSchema: { type: 'object' },
  effect: 'reads',
  activity: '',
  timeoutMs: 1,
  run: () => Promise.reject(new Error('nothing is run here')),
};

/** The tools of MCP servers are known once their servers run: what may be offered of each is told by a pattern. */
const ofServers = ({ policy, mcp }: Config, named: readonly string[], message: IncomingMessage): readonly SimulatedTool[] => {
  const origin = originOf(message);
  const workspace = workspaceOf(policy, origin.chatId);
  const may = decideRight(policy, origin, 'use-tool', { tool: { name: 'any', effect: 'acts' } }).allowed;
  const servers = mcp.servers.filter(({ name }) => may && (!workspace?.mcpServers || workspace.mcpServers.includes(name)));
  const safe = (workspace ? workspace.mcpSafeTools : policy.whitelist.mcpSafeTools) ?? [];
  const offered = servers.flatMap(({ name }) => {
    const all = `mcp__${name}__*`;
    const own = fitsName(all, named) ? [all] : named.filter((each) => fitsName(each, [all]));
    return [...safe.filter((pattern) => pattern !== all && fitsName(pattern, [all]) && fitsName(pattern, own)), ...own];
  });
  return [...new Set(offered)]
    .filter((pattern) => !workspace?.tools || fitsName(pattern, workspace.tools))
    .map((pattern) => simulatedTool(policy, message, { name: pattern, effect: 'acts' }));
};

export const toolsInWords = (tools: readonly SimulatedTool[]): readonly string[] => {
  const free = tools.filter(({ needsApproval, refused }) => !needsApproval && !refused).map((tool) => tool.name);
  const never = tools.filter(({ refused }) => refused).map((tool) => tool.name);
  // A pattern stands for those only that no other line names.
  const others = tools.filter(({ needsApproval }) => !needsApproval).map((tool) => tool.name);
  const guarded = tools
    .filter(({ needsApproval }) => needsApproval)
    .map(({ name }) => (others.some((other) => other !== name && fitsName(other, [name])) ? `${name} (but for those above)` : name));
  return [
    free.join(', ') || 'none',
    ...(guarded.length === 0 ? [] : [`after an approval of each call: ${guarded.join(', ')}`]),
    ...(never.length === 0 ? [] : [`refused, as nothing of them can wait for an approval: ${never.join(', ')}`]),
  ];
};
