import { Command } from 'commander';
import { commandForm, commandHint } from '../domain/index.ts';
import { plainUsage } from './commands/failure.ts';
import { VERSION } from './version.ts';

type AddCommands = (program: Command) => void;

/** Commands by their names, in the order of the help. Each is loaded where it is asked for: most load much. */
export const COMMANDS: readonly (readonly [names: readonly string[], load: () => Promise<AddCommands>])[] = [
  [['start', 'bot', 'worker', 'standby'], async () => (await import('./commands/run.ts')).addRun],
  [['restart'], async () => (await import('./commands/restart.ts')).addRestart],
  [['stop'], async () => (await import('./commands/stop.ts')).addStop],
  [['status'], async () => (await import('./commands/status.ts')).addStatus],
  [['chat'], async () => (await import('./commands/chat.ts')).addChat],
  [['promises'], async () => (await import('./commands/promises.ts')).addPromises],
  [['schedules'], async () => (await import('./commands/schedules.ts')).addSchedules],
  [['agent'], async () => (await import('./commands/agent.ts')).addAgent],
  [['mcp'], async () => (await import('./commands/mcp.ts')).addMcp],
  [['scout'], async () => (await import('./commands/scout.ts')).addScout],
  [['access'], async () => (await import('./commands/access.ts')).addAccess],
  [['approvals'], async () => (await import('./commands/approvals.ts')).addApprovals],
  [['pairing'], async () => (await import('./commands/pairing.ts')).addPairing],
  [['explain'], async () => (await import('./commands/explain.ts')).addExplain],
  [['audit'], async () => (await import('./commands/audit.ts')).addAudit],
  [['usage'], async () => (await import('./commands/usage.ts')).addUsage],
  [['bench'], async () => (await import('./commands/bench.ts')).addBench],
  [['stats'], async () => (await import('./commands/stats.ts')).addStats],
  [['health'], async () => (await import('./commands/health.ts')).addHealth],
  [['doctor'], async () => (await import('./commands/doctor.ts')).addDoctor],
  [['upgrade'], async () => (await import('./commands/upgrade.ts')).addUpgrade],
  [['webhooks'], async () => (await import('./commands/webhooks.ts')).addWebhooks],
  [['alerts'], async () => (await import('./commands/alerts.ts')).addAlerts],
  [['backup'], async () => (await import('./commands/backup.ts')).addBackup],
  [['logs'], async () => (await import('./commands/logs.ts')).addLogs],
  [['config'], async () => (await import('./commands/config.ts')).addConfig],
  [['export'], async () => (await import('./commands/export.ts')).addExport],
  [['forget'], async () => (await import('./commands/forget.ts')).addForget],
  [['init'], async () => (await import('./commands/init.ts')).addInit],
  [['demo'], async () => (await import('./commands/demo.ts')).addDemo],
  [['login'], async () => (await import('./commands/login.ts')).addLogin],
  [['completion'], async () => (await import('./commands/completion.ts')).addCompletion],
];

/** Asked where something is wrong. `doctor` and `health` tell of the disk themselves; others don't pay for a look. */
const ASK_FIRST = ['status', 'stop', 'restart'];

/** A command that waits for its disk would not even end where a call hangs. */
const requireDisk = async (name: string): Promise<void> => {
  if (!ASK_FIRST.includes(name)) return;
  const { requireAnsweringDisk } = await import('./commands/answering-disk.ts');
  await requireAnsweringDisk();
};

/** `promises` of `kept promises list`. */
const topName = (command: Command): string => (command.parent?.parent ? topName(command.parent) : command.name());

/** What must be loaded to understand these words: one command, where they begin with its name. One knows all others. */
const asked = (words: readonly string[] | undefined) => {
  const [first = ''] = words ?? [];
  if (words?.length === 1 && (first === '--version' || first === '-V')) return [];
  const named = first === 'completion' ? COMMANDS : COMMANDS.filter(([names]) => names.includes(first));
  return named.length > 0 ? named : COMMANDS;
};

/**
 * The command that `words` begin with, with its options; all commands where they begin with none, or are left out.
 * Errors in the words are thrown, and written to standard error unless `quiet`.
 */
export const makeProgram = async ({ quiet, words }: { readonly quiet: boolean; readonly words?: readonly string[] }): Promise<Command> => {
  const [start, chat] = [commandForm('start'), commandForm('chat')] as const;
  const width = Math.max(start.length, chat.length);
  const program = new Command(commandForm(''))
    .description('The Telegram agent that keeps its promises.')
    .version(VERSION)
    .exitOverride()
    .configureOutput(quiet ? { writeErr: () => undefined } : { outputError: (text, write) => write(plainUsage(text)) })
    // Long names and arguments leave a narrow column for the words: they are wrapped in it, too.
    .configureHelp({ minWidthToWrap: 20 })
    .showSuggestionAfterError()
    .showHelpAfterError(`(${commandForm('<command> --help')} tells more)`)
    .addHelpText(
      'after',
      `
Start with:
  ${start.padEnd(width)}  bot, worker and web page in one process
  ${chat.padEnd(width)}  talk to it in this terminal

Exit codes: 0 ok, 1 failed check, 2 usage error, 78 configuration error;
of health and doctor: 0 healthy, 1 degraded, 2 unhealthy, 64 usage error;
of upgrade: 0 no change, 2 changes, 1 better wait, 64 usage error;
of config plan: 0 no change, 2 changes, 64 usage error.
With --json, an error is JSON, too: {"error": {"code", "message", "hint"?}}.
Configuration: environment variables, .env and config/workspace_config.json;
${commandHint('config check')} checks all of it.`,
    );
  program.hook('preAction', (_, command) => requireDisk(topName(command)));
  for (const add of await Promise.all(asked(words).map(([, load]) => load()))) add(program);
  return program;
};
