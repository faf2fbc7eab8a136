import type { Command } from 'commander';
import { formatTable } from '../../adapters/terminal/index.ts';
import { SCOUT_AGENT } from '../../domain/agent/built-in.ts';
import type { AccessPolicy } from '../../domain/index.ts';
import { allDatabases, ownDatabase } from '../../domain/workspace/databases.ts';
import type { DatabaseEntry } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { TOKENS } from '../tokens.ts';
import { scopeAsked } from './agent-scope.ts';
import { CommandError, EXIT, loadConfigOrThrow, print, printJson, UsageError, valueIn } from './outcome.ts';
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
      const { policy, notion } = loadConfigOrThrow();
      if (listProjects) {
        printProjects(policy, json);
        return;
      }
      // Before anything is read or opened: these are to be corrected first.
      const scope = scopeAsked(policy, project === undefined ? {} : { project });
      valueIn(databasesOf(policy, project)(scope));
      if (!notion) throw new CommandError('NOTION_API_KEY is not set: put the key of an internal integration into .env', 'notion/no-key');
      const text = await readQuestion(written);
      if (text.trim() === '') throw new UsageError('the question is empty', 'question/empty');
      await withContextOrNew((root) =>
        untilInterrupted(async (signal) => {
          const entries = await bindScout(root, policy, project);
          const agent = (await root.get(TOKENS.agents)).get(SCOUT_AGENT.name) ?? SCOUT_AGENT;
          const { run, steps } = await runAgentHere(root, { agent, text, scope, mayDecide: false }, { signal, quiet: json });
          if (run.unanswered !== undefined || (entries.size === 0 && steps.some(isFailure))) process.exitCode = EXIT.bad;
          if (json) printJson({ answer: run.text, entries: namedIn(run.text, [...entries.values()]) });
        }),
      );
    });
};

/** Of a tool: an answer on nothing but failures is none. */
const isFailure = (step: RunStep): boolean => step.kind === 'tool' && step.isError;

const databasesOf = (policy: AccessPolicy, project: string | undefined) => (project === undefined ? allDatabases : ownDatabase)(policy);

/** Binds what the agent needs, with tools that reach what is asked for. Resolves to the entries, as they are read. */
const bindScout = async ({ container }: AppContext, policy: AccessPolicy, project: string | undefined) => {
  const { bindAgents } = await import('../modules/agents.ts');
  const entries = new Map<string, DatabaseEntry>();
  const databasesFor = databasesOf(policy, project);
  const workspaces = valueIn(allDatabases(policy)({})).map(({ workspace }) => workspace);
  container.bind(TOKENS.notionReach).toConstantValue({
    databasesFor,
    onEntry: (entry) => void entries.set(entry.url, entry),
    ...(project === undefined && workspaces.length > 1 ? { workspaces } : {}),
  });
  bindAgents(container);
  return entries;
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
          { key: 'description', title: 'DESCRIPTION' },
        ],
      ),
    );
};
