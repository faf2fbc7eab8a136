import { makeMemoryStorage } from '../../adapters/memory/index.ts';
import { makeJudgeCall } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { fitsName } from '../../domain/agent/tool-name.ts';
import { CODING_TOOL } from '../../domain/approval/guarded-call.ts';
import {
  type AccessPolicy,
  type Chat,
  decideRight,
  gatewayOf,
  type IncomingMessage,
  makeTurnDraft,
  messageIdOf,
  type ResponseDecision,
  type RightsIn,
  rightsIn,
} from '../../domain/index.ts';
import { originOf } from '../../domain/message/access.ts';
import { commandIn } from '../../domain/message/command.ts';
import { decideResponse } from '../../domain/message/response.ts';
import { present } from '../../domain/shared/present.ts';
import { makeShown } from '../../domain/trust/shown.ts';
import { provenanceOfMessage } from '../../domain/trust/speaker.ts';
import { scopeOf, workspaceOf } from '../../domain/workspace/policy.ts';
import { silentLogger, type Tool } from '../../ports/index.ts';
import { budgetsFor, budgetsInWords, type ListedBudget } from './access-budgets.ts';
import { inBrackets, rightsInWords } from './access-list.ts';
import type { NamedPerson } from './access-subject.ts';

/** What would become of a message, without anything being run, asked or stored. */
export interface Simulation extends RightsIn {
  readonly message: { readonly chatId: Chat['id']; readonly kind: Chat['kind']; readonly senderId: string; readonly text: string };
  /** Absent where nobody is let in. */
  readonly response?: ResponseDecision;
  /** Answered without a model. */
  readonly command?: string;
  readonly agent?: string;
  /** In the order in which they are asked. */
  readonly models?: readonly string[];
  readonly tools?: readonly SimulatedTool[];
  readonly budgets?: readonly ListedBudget[];
  readonly workspace?: string;
  readonly directory?: string;
}

interface SimulatedTool {
  readonly name: string;
  readonly effect: Tool['effect'];
  /** A person has to approve each call. */
  readonly needsApproval: boolean;
  /** It is offered, and each call of it is refused there. */
  readonly refused?: boolean;
}

interface Simulated {
  readonly person: NamedPerson;
  readonly chat: Chat;
  readonly text: string;
  /** As a mention of the agent, or a reply to it. */
  readonly isMention: boolean;
}

export const simulate = async (config: Config, asked: Simulated, now = Date.now()): Promise<Simulation> => {
  const { policy } = config;
  const { sender } = asked.person;
  const message: IncomingMessage = {
    chat: asked.chat,
    messageId: messageIdOf(gatewayOf(asked.chat.id), 1),
    sender,
    text: asked.text,
    sentAt: 0,
    ...present({ addressedTo: asked.isMention ? ('us' as const) : undefined }),
  };
  const origin = originOf(message);
  const rights = rightsIn(policy, origin, { senderKind: sender.kind });
  const told = { ...rights, message: { chatId: asked.chat.id, kind: asked.chat.kind, senderId: sender.id, text: asked.text } };
  if (!rights.allowed) return told;
  const response = decideResponse(policy, message);
  const scope = scopeOf(policy, origin);
  const where = {
    response,
    budgets: await budgetsFor(config, origin, now),
    ...present({ workspace: scope.workspace }),
    directory: scope.directory,
  };
  const command = response.action === 'answer' ? commandIn(message) : undefined;
  if (command) return { ...told, ...where, command: command.name === 'unknown' ? command.argument : `/${command.name}` };
  if (response.action !== 'answer') return { ...told, ...where };
  return { ...told, ...where, ...(await answererOf(config, message)) };
};

/** Who would answer, and with what: made from the configuration alone, on an empty storage, with no server asked. */
const answererOf = async (config: Config, message: IncomingMessage): Promise<Required<Pick<Simulation, 'agent' | 'models' | 'tools'>>> => {
  // Loaded on demand: other commands should not wait for the SDKs of models.
  const [{ makeAppContext }, { bindAgents }, { TOKENS }] = await Promise.all([
    import('../container.ts'),
    import('../modules/agents.ts'),
    import('../tokens.ts'),
  ]);
  const root = makeAppContext(config, silentLogger);
  const { container } = root;
  bindAgents(container);
  await Promise.all([container.unbind(TOKENS.storage), container.unbind(TOKENS.mcp)]);
  container.bind(TOKENS.storage).toConstantValue(makeMemoryStorage());
  container.bind(TOKENS.mcp).toConstantValue(undefined);
  try {
    const { policy } = config;
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

export const simulationInWords = (simulated: Simulation, { name, sender }: NamedPerson): string => {
  const { message, allowed, rule, path, role, response, command, agent, models = [], tools = [], directory, workspace } = simulated;
  const who = [name, sender.kind === 'operator' ? 'the operator' : sender.id].filter((each) => each !== undefined).join(' ');
  const where = `${message.kind === 'group' ? 'the group' : 'the conversation'} ${message.chatId}`;
  const lines = (label: string, ...texts: readonly string[]): readonly string[] =>
    texts.map((text, i) => `  ${(i === 0 ? label : '').padEnd(11)}${text}`);
  const answered = command === undefined ? `answered by the agent ${agent}` : `answered as the command ${command}, without a model`;
  return [
    `${JSON.stringify(message.text)} of ${who} in ${where}${workspace === undefined ? '' : `, workspace ${workspace}`}:`,
    ...lines('access', `${allowed ? 'heard' : 'not heard, and not answered'}, by rule ${rule} ${inBrackets(path)}`),
    ...(response ? lines('response', `${RESPONSE_WORDS[response.action] ?? answered}, by rule ${response.rule}`) : []),
    ...(role === undefined ? [] : lines('role', role)),
    ...(agent === undefined ? [] : lines('agent', agent)),
    ...(models.length === 0 ? [] : lines('models', models.join(', then '))),
    ...(agent === undefined ? [] : lines('tools', ...toolsInWords(tools))),
    ...(directory === undefined ? [] : lines('directory', directory)),
    ...(simulated.budgets === undefined ? [] : lines('budget', ...budgetsInWords(simulated.budgets))),
    ...rightsInWords(simulated),
    'Nothing was run, asked or stored.',
  ].join('\n');
};

const RESPONSE_WORDS: Readonly<Partial<Record<ResponseDecision['action'], string>>> = {
  remember: 'not answered, and remembered as context',
  ignore: 'neither answered nor remembered',
};

const toolsInWords = (tools: readonly SimulatedTool[]): readonly string[] => {
  const free = tools.filter(({ needsApproval, refused }) => !needsApproval && !refused).map((tool) => tool.name);
  const never = tools.filter(({ refused }) => refused).map((tool) => tool.name);
  const guarded = tools.filter(({ needsApproval }) => needsApproval).map((tool) => tool.name);
  return [
    free.join(', ') || 'none',
    ...(guarded.length === 0 ? [] : [`after an approval of each call: ${guarded.join(', ')}`]),
    ...(never.length === 0 ? [] : [`refused, as nothing of them can wait for an approval: ${never.join(', ')}`]),
  ];
};
