import { type Agent, EFFORTS } from '../domain/agent/agent.ts';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { isTimeZone } from '../domain/shared/time.ts';
import type { Tool } from '../ports/tool.ts';
import { BUILT_IN_TOOLS, type GivenCoding, type ToolGroup } from './built-ins.ts';
import { reportFailure } from './tools/report-failure.ts';
import type { CodingParts } from './worker/coding-executor.ts';

const A_MODEL = { what: 'a language model, such as makeRehearsalModel()', members: ['respond'] };

/** What a part must have, by its name: methods, or other parts. */
const NEEDED: Readonly<Record<string, { readonly what: string; readonly members: readonly string[] }>> = {
  storage: {
    what: 'a storage, such as makeMemoryStorage() makes',
    members: ['stores', 'unitOfWork', 'queue', 'transcript', 'state'],
  },
  changes: { what: 'a change feed, such as the one of makeMemoryStorage()', members: ['subscribe'] },
  clock: { what: 'a clock, such as systemClock', members: ['now', 'after'] },
  randomness: { what: 'a source of chance, such as systemRandomness', members: ['id', 'fraction'] },
  policy: { what: 'an access policy, such as operatorOnly(directory)', members: ['workspaces', 'whitelist'] },
  model: A_MODEL,
};
const OPTIONAL: typeof NEEDED = {
  logger: { what: 'a logger, such as silentLogger', members: ['info', 'warn', 'error', 'child'] },
  executor: { what: 'an executor of promises', members: ['execute'] },
  calendar: { what: 'a calendar, such as cronCalendar', members: ['next'] },
};
const GATEWAY = ['start', 'stop', 'send'];

/**
 * Throws a TypeError with all that is wrong with the parts, each in words: else it would show as a failure of something
 * else, much later.
 */
export const checkParts = (parts: object): void => {
  const given: Readonly<Record<string, unknown>> = { ...parts };
  const problems = [
    ...Object.entries(NEEDED).flatMap(([name, needed]) => partProblems(name, given[name], needed)),
    ...Object.entries(OPTIONAL).flatMap(([name, needed]) => (given[name] === undefined ? [] : partProblems(name, given[name], needed))),
    ...Object.entries(given.models ?? {}).flatMap(([name, model]) => partProblems(`models.${name}`, model, A_MODEL)),
    ...gatewayProblems(given.gateways),
    ...toolProblems(given.tools ?? []),
    ...groupProblems(given.builtInTools ?? [], given.coding !== undefined),
    ...codingProblems(given.coding),
    ...['retry', 'turns', 'work'].flatMap((name) => settingProblems(name, given[name])),
    ...settingProblems('', { retentionMs: given.retentionMs }),
    ...timeZoneProblems(given.timeZone),
  ];
  complain(problems);
};

const partProblems = (name: string, part: unknown, { what, members }: (typeof NEEDED)[string]): string[] => {
  if (part === undefined || part === null) return [`${name} is missing: give ${what}`];
  const missing = members.filter((member) => !hasMember(part, member));
  return missing.length === 0 ? [] : [`${name} is not ${what}: it has no ${missing.join(', ')}`];
};

const hasMember = (part: unknown, member: string): boolean =>
  (typeof part === 'object' || typeof part === 'function') && part !== null && (part as Record<string, unknown>)[member] !== undefined;

const gatewayProblems = (gateways: unknown): string[] => {
  const example = 'such as makeLocalChat(…)';
  if (!Array.isArray(gateways)) return [`gateways are missing: give a list of chat gateways, ${example}`];
  if (gateways.length === 0) return [`gateways are empty: without one, ${example}, nobody can be answered`];
  const broken = gateways.flatMap((gateway: unknown, at) => {
    const missing = GATEWAY.filter((member) => !hasMember(gateway, member));
    return missing.length === 0 ? [] : [`gateways[${at}] is not a chat gateway: it has no ${missing.join(', ')}`];
  });
  return broken.length > 0 ? broken : [...nameProblems(gateways, 'gateway'), ...doubled(gateways, 'gateways')];
};

const nameProblems = (named: readonly { readonly name: unknown }[], what: string): string[] =>
  named.flatMap(({ name }) => (typeof name === 'string' && name.trim() !== '' ? [] : [`a ${what} needs a name, not ${shown(name)}`]));

const doubled = (named: readonly { readonly name: string }[], what: string): string[] =>
  [...Map.groupBy(named, ({ name }) => name)].flatMap(([name, same]) =>
    same.length > 1 ? [`${same.length} ${what} are named ${shown(name)}: give each a name of its own`] : [],
  );

const groupProblems = (groups: unknown, canCode: boolean): string[] => {
  if (!Array.isArray(groups)) return ['builtInTools are not a list'];
  const known = new Set(Object.keys(BUILT_IN_TOOLS));
  return [
    ...groups.filter((group) => !known.has(group)).map((group) => `there are no built-in tools ${shown(group)}${near(group, known)}`),
    ...(groups.includes('coding') && !canCode ? ['builtInTools name coding, and no coding agent is given (coding)'] : []),
  ];
};

const codingProblems = (coding: unknown): string[] => {
  if (coding === undefined) return [];
  const whole = partProblems('coding', coding, { what: 'a coding agent, such as { agent: makeAcpAgent(…) }', members: ['agent'] });
  if (whole.length > 0) return whole;
  const { agent } = coding as GivenCoding;
  return partProblems('coding.agent', agent, { what: 'a coding agent, such as makeAcpAgent(…)', members: ['name', 'run'] });
};

/** The coding agent where nothing is loaded for it: all its parts are given then. Throws as `checkParts` does. */
export const wholeCoding = (given: GivenCoding | undefined): CodingParts | undefined => {
  if (given === undefined) return undefined;
  const { agent, changes, places, locks, limits } = given;
  if (changes && places && locks && limits) return { agent, changes, places, locks, limits };
  const missing = Object.entries({ changes, places, locks, limits }).filter(([, part]) => part === undefined);
  throw new TypeError(
    `Kept can't be made: coding has no ${missing.map(([name]) => name).join(', ')}: give them, or use makeKept of \`kept\`.`,
  );
};

/** Of these there is at least one, or none at all. */
const WHOLE = new Set(['maxAttempts', 'concurrency', 'tenantConcurrency', 'maxHistory', 'maxHistoryTokens', 'code', 'search', 'analysis']);

const settingProblems = (place: string, settings: unknown): string[] => {
  if (settings === undefined) return [];
  if (typeof settings !== 'object' || settings === null) return [`${place} is not an object of settings`];
  return Object.entries(settings).flatMap(([key, value]) => {
    const name = [place, key].filter((part) => part !== '').join('.');
    if (key === 'typeConcurrency') return settingProblems(name, value);
    if (value === undefined || !(WHOLE.has(key) || key.endsWith('Ms'))) return [];
    if (WHOLE.has(key)) return Number.isInteger(value) && value >= 1 ? [] : [`${name} is a whole number from 1 on, not ${shown(value)}`];
    return Number.isFinite(value) && value >= 0 ? [] : [`${name} is a number of milliseconds, not ${shown(value)}`];
  });
};

const timeZoneProblems = (timeZone: unknown): string[] =>
  timeZone === undefined || (typeof timeZone === 'string' && isTimeZone(timeZone))
    ? []
    : [`timeZone is not a time zone: give an IANA name, such as Europe/Berlin, not ${shown(timeZone)}`];

/** Providers refuse other names, and with them the whole request. */
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const toolProblems = (tools: unknown): string[] => {
  if (!Array.isArray(tools)) return ['tools are not a list'];
  const broken = tools.flatMap((tool: Partial<Tool> | undefined, at) => {
    if (tool === null || typeof tool !== 'object') return [`tools[${at}] is not a tool`];
    const { name, description, inputSchema, effect, activity, timeoutMs, run } = tool;
    if (typeof name !== 'string' || !TOOL_NAME.test(name))
      return [`tools[${at}] is named ${shown(name)}: models take names of 1 to 64 letters, digits, _ and -`];
    return [
      ...(typeof description === 'string' && description.trim() !== '' ? [] : ['a description']),
      ...(typeof inputSchema === 'object' && inputSchema !== null ? [] : ['an inputSchema (a JSON schema, of an object)']),
      ...(effect === 'reads' || effect === 'decides' || effect === 'acts' ? [] : ["an effect ('reads', 'decides' or 'acts')"]),
      ...(typeof activity === 'string' && activity.trim() !== '' ? [] : ['an activity (what it does, as "searching the web")']),
      ...(typeof timeoutMs === 'number' && timeoutMs > 0 ? [] : ['a timeoutMs (such as 30_000)']),
      ...(typeof run === 'function' ? [] : ['a run function']),
    ].map((lacks) => `the tool ${name} needs ${lacks}`);
  });
  return broken.length > 0 ? broken : doubled(tools, 'tools');
};

/** Who is offered which tools, checked against the tools that there are. Throws as `checkParts` does. */
export const checkAgents = (
  agents: Readonly<Record<string, Agent>>,
  own: readonly Tool[],
  groups: readonly ToolGroup[],
  models: readonly string[] = [],
): void => {
  const reserved = new Map<string, string>([
    ...groups.flatMap((group) => BUILT_IN_TOOLS[group].map((name) => [name, `leave ${group} out of builtInTools`] as const)),
    [reportFailure.name, 'Kept gives it to the runs of promises'],
  ]);
  const known = new Set([...own.map(({ name }) => name), ...Object.values(BUILT_IN_TOOLS).flat(), reportFailure.name]);
  complain([
    ...own.flatMap(({ name }) =>
      reserved.has(name) ? [`two tools are named ${shown(name)}, yours and a built-in one: rename yours, or ${reserved.get(name)}`] : [],
    ),
    ...Object.entries(agents).flatMap(([role, agent]) => [...agentProblems(role, agent, known), ...modelProblems(role, agent, models)]),
    ...own.flatMap(({ name }) =>
      Object.values(agents).some((agent) => Array.isArray(agent?.tools) && agent.tools.includes(name))
        ? []
        : [`no agent names the tool ${shown(name)}: it would be offered to nobody`],
    ),
  ]);
};

const agentProblems = (role: string, agent: Agent, known: ReadonlySet<string>): string[] => {
  if (typeof agent !== 'object' || agent === null || !Array.isArray(agent.tools) || typeof agent.instructions !== 'string')
    return [`${role} is not an agent: it needs a name, instructions, tools and limits`];
  return [
    ...(typeof agent.name === 'string' && agent.name.trim() !== '' ? [] : [`${role} needs a name`]),
    ...(agent.limits?.maxSteps >= 1 && agent.limits?.maxOutputTokens >= 1 ? [] : [`${role} needs limits, such as DEFAULT_LIMITS`]),
    ...(agent.limits?.effort === undefined || EFFORTS.includes(agent.limits.effort)
      ? []
      : [`${role} asks for the effort ${shown(agent.limits.effort)}, and there are ${EFFORTS.join(', ')}`]),
    ...[...Map.groupBy(agent.tools, (name) => name)].flatMap(([name, same]) =>
      same.length > 1 ? [`${role} names the tool ${shown(name)} ${same.length} times`] : [],
    ),
    ...agent.tools
      .filter((name) => !known.has(name))
      .map((name) => `${role} names the tool ${shown(name)}, which is not there${near(name, known)}`),
  ];
};

const modelProblems = (role: string, agent: Agent, models: readonly string[]): string[] => {
  const model = agent?.model;
  if (model === undefined || models.includes(model)) return [];
  return [`${role} names the model ${shown(model)}, which is not among \`models\`${near(model, new Set(models))}`];
};

const near = (name: unknown, known: ReadonlySet<string>): string => {
  const nearest = typeof name === 'string' ? nearestName(name, known) : undefined;
  return nearest === undefined ? '' : `: did you mean ${shown(nearest)}?`;
};

const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value));

const complain = (problems: readonly string[]): void => {
  if (problems.length === 0) return;
  throw new TypeError(problems.length === 1 ? `Kept can't be made: ${problems[0]}.` : `Kept can't be made:\n- ${problems.join('\n- ')}`);
};
