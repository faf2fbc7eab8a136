import type { Command } from 'commander';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { formatTable } from '../../adapters/terminal/index.ts';
import { type Config, type ConfigProblem, isConfigured, readProcessConfig } from '../../config/index.ts';
import { lackedBy } from '../../domain/agent/lacking-tools.ts';
import { noSuchAgent } from '../../domain/agent/no-such-agent.ts';
import { withSkills } from '../../domain/agent/skill.ts';
import { type Agent, modelNameOf, readModelReference } from '../../domain/index.ts';
import { CommandError, EXIT, print, printError, problemLines } from '../failures.ts';
import { printJson } from './outcome.ts';

interface Json {
  readonly json?: boolean;
}

/** An agent as it is listed. */
interface Listed {
  readonly name: string;
  readonly description: string;
  /** What it asks first. */
  readonly model: string;
  readonly tools: readonly string[];
  /** `built-in`, or the file. */
  readonly source: string;
}

/** `kept agent list`, `show` and `check`: they read the configuration alone. */
export const addAgentLists = (agent: Command): void => {
  agent
    .command('list')
    .description('list the agents: those that come with Kept, and those of your files')
    .option('--json', 'as JSON')
    .action(({ json = false }: Json) => {
      const { agents, idle, problems } = readAgents();
      tellProblems(problems);
      if (json) printJson({ agents });
      else print([tableOf(agents), ...(idle.length > 0 ? ['', ...idle] : [])].join('\n'));
    });
  agent
    .command('show')
    .description('show an agent: what it asks, which tools it has, and its instructions')
    .argument('<name>', 'its name')
    .option('--json', 'as JSON')
    .action((name: string, { json = false }: Json) => {
      const { agents, all, problems } = readAgents();
      tellProblems(problems);
      const listed = agents.find((each) => each.name === name);
      const found = all.find((each) => each.name === name);
      if (!listed || !found)
        throw new CommandError(
          noSuchAgent(
            name,
            agents.map((agent) => agent.name),
          ),
          'agent/not-found',
        );
      if (json) printJson({ ...listed, skills: found.skills ?? [], limits: found.limits, instructions: found.instructions });
      else print(shown(listed, found));
    });
  agent
    .command('check')
    .description('check the files of agents and skills, and the workspaces that name agents; exit code 1 if one has a problem')
    .option('--json', 'as JSON')
    .action(({ json = false }: Json) => {
      const { agents, idle, problems } = readAgents();
      if (problems.length > 0) process.exitCode = EXIT.bad;
      if (json) printJson({ ok: problems.length === 0, problems });
      else if (problems.length > 0) print(problemLines(problems));
      else print([`Agents OK: ${agents.map(({ name }) => name).join(', ')}.`, ...idle].join('\n'));
    });
};

const readAgents = (): {
  readonly agents: readonly Listed[];
  readonly all: readonly Agent[];
  /** In words, those that have none of their tools here. */
  readonly idle: readonly string[];
  readonly problems: readonly ConfigProblem[];
} => {
  const { config, problems } = readProcessConfig();
  // Somebody may have written a key into a file.
  const redact = makeRedactor(config.secrets);
  const all = config.agents.all.map(({ agent }): Agent => {
    const whole = withSkills(agent, config.agents.skills);
    return { ...whole, description: redact(whole.description), instructions: redact(whole.instructions) };
  });
  const agents = config.agents.all.map(({ source }, at): Listed => {
    const { name, description, model, tools } = all[at] as Agent;
    return { name, description, model: model ?? firstModel(config), tools, source };
  });
  const idle = all.flatMap((agent) => {
    const lacked = lackedBy(agent, isConfigured(config));
    return lacked.length === 0 ? [] : `${agent.name} has no tools here, and is offered for no promise: set ${lacked.join(' and ')}.`;
  });
  return { agents, all, idle, problems: problems.filter(isOfAgents(config)) };
};

const firstModel = ({ models }: Config): string => {
  const [first = ''] = models.order;
  const reference = readModelReference(first);
  return reference ? modelNameOf(reference, models) : first;
};

/** Problems of other parts are told by `kept config check`. */
const isOfAgents =
  ({ agents: { places } }: Config) =>
  ({ place }: ConfigProblem): boolean =>
    places.some((start) => place.startsWith(start)) || /(?:^|: )workspaces\..*\.agent$/.test(place);

const tellProblems = (problems: readonly ConfigProblem[]): void => {
  if (problems.length > 0) printError(problemLines(problems));
};

const tableOf = (agents: readonly Listed[]): string =>
  formatTable(agents, [
    { key: 'name', title: 'AGENT' },
    { key: 'model', title: 'MODEL' },
    { key: 'source', title: 'FROM' },
    { key: 'description', title: 'DESCRIPTION', flexible: true },
  ]);

const shown = ({ name, description, model, tools, source }: Listed, { limits, skills = [], instructions }: Agent): string =>
  [
    `name         ${name}`,
    `description  ${description}`,
    `from         ${source}`,
    `model        ${model}`,
    `tools        ${tools.join(', ') || 'none'}`,
    `skills       ${skills.join(', ') || 'none'}`,
    `limits       ${Object.entries(limits)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
    '',
    instructions,
  ].join('\n');
