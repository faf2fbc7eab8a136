import type { Config } from '../../config/index.ts';
import { type Chat, type IncomingMessage, type ResponseDecision, type RightsIn, rightsIn } from '../../domain/index.ts';
import { originOf } from '../../domain/message/access.ts';
import { commandIn } from '../../domain/message/command.ts';
import { decideResponse } from '../../domain/message/response.ts';
import { present } from '../../domain/shared/present.ts';
import { scopeOf } from '../../domain/workspace/policy.ts';
import { type SimulatedTool, toolsInWords, withAnswerers } from './access-answerer.ts';
import { budgetsFor, budgetsInWords, type ListedBudget } from './access-budgets.ts';
import { inBrackets, messageOf, rightsInWords } from './access-list.ts';
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
    ...messageOf(asked.person, asked.chat, asked.text),
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
  return { ...told, ...where, ...(await withAnswerers(config, (answererOf) => answererOf(message))) };
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
    ...(response ? lines('response', `${RESPONSE_WORDS[response.action] ?? answered}, by rule ${response.rule}${whyOf(response)}`) : []),
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

/** Commands are no exception: another bot of the group may have the same. */
const whyOf = ({ rule }: ResponseDecision): string =>
  rule === 'not-addressed' ? ': it neither mentions the agent nor replies to it (--mention simulates one that does)' : '';

const RESPONSE_WORDS: Readonly<Partial<Record<ResponseDecision['action'], string>>> = {
  remember: 'not answered, and remembered as context',
  ignore: 'neither answered nor remembered',
};
