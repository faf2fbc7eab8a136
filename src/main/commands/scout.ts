import type { Command } from 'commander';
import { formatTable } from '../../adapters/terminal/index.ts';
import { readProcessConfig } from '../../config/index.ts';
import { SCOUT_AGENT } from '../../domain/agent/built-in.ts';
import type { AccessPolicy, Scope } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { ok } from '../../domain/shared/result.ts';
import { allDatabases, ownDatabase } from '../../domain/workspace/databases.ts';
import { findWorkspace } from '../../domain/workspace/find-workspace.ts';
import { type DatabaseEntry, isPortError, type PortError } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { CommandError, ConfigError, EXIT, print } from '../failures.ts';
import { serviceHelp } from '../service-help.ts';
import { TOKENS } from '../tokens.ts';
import { scopeAsked } from './agent-scope.ts';
import { loadConfigOrThrow, printJson, refusalError, valueIn } from './outcome.ts';
import { readQuestion } from './question.ts';
import { type RunStep, runAgentHere, untilInterrupted } from './run-agent.ts';
import { withContextOrNew } from './with-context.ts';

interface ScoutOptions {
  readonly project?: string;
  readonly listProjects?: boolean;
  readonly json?: boolean;
}

export const addScout = (program: Command): void => {
  program
    .command('scout')
    .description("ask Notion Scout about a project's Notion database, or about all of them; exit code 1 if it comes to no answer")
    .argument('[question]', 'what to ask; - or nothing reads it from standard input')
    .option('-p, --project <name>', 'the database of this workspace: its name, or an alias; without it, those of all workspaces')
    .option('-l, --list-projects', 'list the workspaces, and which of them have a database')
    .option('--json', 'as JSON')
    .action(async (written: string | undefined, { project, listProjects = false, json = false }: ScoutOptions) => {
      if (listProjects) {
        printProjects(loadConfigOrThrow().policy, json);
        return;
      }
      const text = await readQuestion(written);
      const { policy, scope } = readyToAsk(project);
      await withContextOrNew((root) =>
        untilInterrupted(async (signal) => {
          const { entries, failures } = await bindScout(root, policy, project);
          const agent = (await root.get(TOKENS.agents)).get(SCOUT_AGENT.name) ?? SCOUT_AGENT;
          const { run, steps } = await runAgentHere(root, { agent, text, scope, mayDecide: false }, { signal, quiet: json });
          const failure = failures.at(-1);
          if (entries.size === 0 && failure !== undefined) throw unreached(failure);
          if (run.unanswered !== undefined || (entries.size === 0 && steps.some(isFailure))) process.exitCode = EXIT.bad;
          if (json) printJson({ answer: run.text, entries: namedIn(run.text, [...entries.values()]) });
        }),
      );
    });
};

const NO_KEY = { problem: 'is not set', hint: 'put the key of an internal integration into .env' } as const;

/** What a question needs. Throws everything that is missing at once. */
const readyToAsk = (project: string | undefined): { readonly policy: AccessPolicy; readonly scope: Scope } => {
  const { config, problems } = readProcessConfig();
  const { policy, notion } = config;
  const errors = problems.filter(({ severity }) => severity === 'error');
  const isKeyWrong = errors.some(({ place }) => place === 'NOTION_API_KEY');
  const noKey = notion || isKeyWrong ? [] : [{ ...NO_KEY, place: 'NOTION_API_KEY', severity: 'error' } as const];
  if (errors.length > 0) throw new ConfigError([...problems, ...noKey]);
  const found = project === undefined ? ok(undefined) : findWorkspace(policy.workspaces, project);
  const databases = found.ok ? databasesOf(policy, project)(present({ workspace: found.value?.name })) : found;
  const missing = [
    ...(databases.ok ? [] : [refusalError(databases.error)]),
    ...noKey.map(({ place, problem, hint }) => new CommandError(`${place} ${problem}: ${hint}`, 'notion/no-key')),
  ];
  const [first] = missing;
  if (first && missing.length > 1) throw new CommandError(missing.map(({ message }) => message).join('; and '), 'scout/not-ready');
  if (first) throw first;
  return { policy, scope: scopeAsked(policy, present({ project })) };
};

/** Of a tool: an answer on nothing but failures is none. */
const isFailure = (step: RunStep): boolean => step.kind === 'tool' && step.isError;

const databasesOf = (policy: AccessPolicy, project: string | undefined) => (project === undefined ? allDatabases : ownDatabase)(policy);

/** Binds what the agent needs, with tools that reach what is asked for. Resolves to the entries, as they are read. */
const bindScout = async ({ container }: AppContext, policy: AccessPolicy, project: string | undefined) => {
  const { bindAgents } = await import('../modules/agents.ts');
  const entries = new Map<string, DatabaseEntry>();
  const failures: PortError[] = [];
  const databasesFor = databasesOf(policy, project);
  const workspaces = valueIn(allDatabases(policy)({})).map(({ workspace }) => workspace);
  container.bind(TOKENS.notionReach).toConstantValue({
    databasesFor,
    onEntry: (entry) => void entries.set(entry.url, entry),
    onFailure: (error) => void (isPortError(error) && failures.push(error)),
    ...(project === undefined && workspaces.length > 1 ? { workspaces } : {}),
  });
  bindAgents(container);
  return { entries, failures };
};

/** What an operator needs to know of a failure: the address, the variable and the reason of the system. */
const unreached = (failure: PortError): CommandError => {
  // Only an address that was set is explained already.
  const help = failure.help ?? serviceHelp('NOTION_API_KEY', 'NOTION_BASE_URL', "Notion's own address")[failure.code];
  const reason = failure.message.includes('HTTP') ? undefined : causeOf(failure);
  const words = `${failure.message}${reason === undefined ? '' : ` (${reason})`}${help === undefined ? '' : `; ${help}`}`;
  return new CommandError(words, `port/${failure.code}`);
};

/** The code of the system, or the words, of what lies below the failure. */
const causeOf = (failure: PortError): string | undefined => {
  let at: unknown = failure.cause;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  if (!(at instanceof Error) || isPortError(at)) return undefined;
  return 'code' in at && typeof at.code === 'string' ? at.code : at.message;
};

/** The entries whose link or title the answer names; all that were read where it names none. */
const namedIn = (answer: string, entries: readonly DatabaseEntry[]): readonly object[] => {
  const named = entries.filter(({ url, title }) => answer.includes(url) || (title !== '' && answer.includes(title)));
  return (named.length > 0 ? named : entries).map(({ title, status = null, url }) => ({ title, status, url }));
};

const printProjects = ({ workspaces }: AccessPolicy, json: boolean): void => {
  const projects = workspaces.map(({ name, aliases, description }) => ({
    name,
    aliases,
    description,
    hasDatabase: ownDatabase({ workspaces })({ workspace: name }).ok,
  }));
  if (json) printJson({ projects });
  else if (projects.length === 0) print('There are no workspaces yet: add them to config/workspace_config.json.');
  else
    print(
      formatTable(
        projects.map((each) => ({ ...each, aliases: each.aliases.join(', '), database: each.hasDatabase ? 'yes' : 'no' })),
        [
          { key: 'name', title: 'PROJECT' },
          { key: 'aliases', title: 'ALIASES' },
          { key: 'database', title: 'DATABASE' },
          { key: 'description', title: 'DESCRIPTION', flexible: true },
        ],
      ),
    );
};
