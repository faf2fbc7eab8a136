import { Command } from 'commander';
import { commandForm, commandHint } from '../domain/index.ts';
import { addAccess } from './commands/access.ts';
import { addAgent } from './commands/agent.ts';
import { addAlerts } from './commands/alerts.ts';
import { addApprovals } from './commands/approvals.ts';
import { addAudit } from './commands/audit.ts';
import { addChat } from './commands/chat.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { plainUsage } from './commands/failure.ts';
import { addHealth } from './commands/health.ts';
import { addLogin } from './commands/login.ts';
import { addLogs } from './commands/logs.ts';
import { addMcp } from './commands/mcp.ts';
import { addPairing } from './commands/pairing.ts';
import { addPromises } from './commands/promises.ts';
import { addRun } from './commands/run.ts';
import { addSchedules } from './commands/schedules.ts';
import { addScout } from './commands/scout.ts';
import { addStats } from './commands/stats.ts';
import { addStatus } from './commands/status.ts';
import { addStop } from './commands/stop.ts';
import { addUsage } from './commands/usage.ts';
import { VERSION } from './version.ts';

const COMMANDS = [
  addRun,
  addStop,
  addStatus,
  addChat,
  addPromises,
  addSchedules,
  addAgent,
  addMcp,
  addScout,
  addAccess,
  addApprovals,
  addPairing,
  addExplain,
  addAudit,
  addUsage,
  addStats,
  addHealth,
  addDoctor,
  addAlerts,
  addLogs,
  addConfig,
  addDemo,
  addLogin,
  addCompletion,
];

/** All commands with their options. Errors in the words are thrown, and written to standard error unless `quiet`. */
export const makeProgram = ({ quiet }: { readonly quiet: boolean }): Command => {
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

Exit codes: 0 ok, 1 failed check, 2 usage error, 78 configuration error.
With --json, an error is JSON, too: {"error": {"code", "message", "hint"?}}.
Configuration: environment variables, .env and config/workspace_config.json;
${commandHint('config check')} checks all of it.`,
    );
  for (const add of COMMANDS) add(program);
  return program;
};
