import type { Command } from 'commander';
import type { Config } from '../../config/index.ts';
import { type Agent, commandHint, DEFAULT_LOCAL_CHAT, OPERATOR_ID, type Scope } from '../../domain/index.ts';
import type { AppContext } from '../container.ts';
import { CommandError, EXIT, printError } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { addAgentLists } from './agent-list.ts';
import { type AskedScope, scopeAsked } from './agent-scope.ts';
import { printJson } from './outcome.ts';
import { readQuestion } from './question.ts';
import { runAgentHere, untilInterrupted } from './run-agent.ts';
import { warnIfIdle } from './warn-idle.ts';
import { withContextOrNew } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addAgent = (program: Command): void => {
  const agent = program.command('agent').description('agents: list, show, check, run');
  addAgentLists(agent);
  addAgentRun(agent);
};

const addAgentRun = (agent: Command): void => {
  agent
    .command('run')
    .description('run an agent alone, in this process, and print its answer; exit code 1 if it comes to none')
    .argument('<name>', 'its name')
    .argument('[question]', 'what to ask; - or nothing reads it from standard input')
    .option('-p, --project <name>', 'work on this workspace: its name, or an alias')
    .option('--dir <directory>', 'work in this directory; with --project, one inside that of the workspace')
    .option('--json', 'as JSON')
    .action(async (name: string, written: string | undefined, { json = false, ...asked }: Json & AskedScope) => {
      const text = await readQuestion(written);
      await withContextOrNew((root) =>
        untilInterrupted(async (signal) => {
          const found = await agentNamed(root, name);
          const scope = scopeAsked(await root.get(TOKENS.policy), asked);
          // A promise is kept in the scope of its chat: one that is made in another scope would be kept elsewhere.
          const mayDecide = asked.project === undefined && asked.dir === undefined;
          if (!mayDecide && (await decides(root, found, scope))) printError(NOTHING_DECIDED);
          const { run, steps } = await runAgentHere(root, { agent: found, text, scope, mayDecide }, { signal, quiet: json });
          if (run.unanswered !== undefined) process.exitCode = EXIT.bad;
          if (run.promises.length > 0 && !json) await tellWhereResultsCome(await root.get(TOKENS.config));
          if (json) printJson({ text: run.text, model: run.model, usage: run.usage, steps });
        }),
      );
    });
};

const NOTHING_DECIDED = 'With --project or --dir nothing can be promised, scheduled or saved: leave them out for that.';

/** Whether the agent has tools that decide, where they can. */
const decides = async ({ get }: AppContext, agent: Agent, scope: Scope): Promise<boolean> => {
  const tools = (await get(TOKENS.tools)).toolsFor({ agent, scope, person: { id: OPERATOR_ID } });
  return tools.some(({ effect }) => effect === 'decides');
};

const tellWhereResultsCome = async (config: Config): Promise<void> => {
  printError(`What was promised comes to the local chat ${DEFAULT_LOCAL_CHAT}: ${commandHint('chat')} shows it.`);
  await warnIfIdle(config);
};

const agentNamed = async ({ container, get }: AppContext, name: string): Promise<Agent> => {
  // Loaded on demand: other commands should not wait for the SDKs of models.
  const [{ bindAgents }, { noSuchAgent }] = await Promise.all([import('../modules/agents.ts'), import('../../application/index.ts')]);
  bindAgents(container);
  const agents = await get(TOKENS.agents);
  const found = agents.get(name);
  if (!found) throw new CommandError(noSuchAgent(name, agents), 'agent/not-found');
  return found;
};
