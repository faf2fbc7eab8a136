import { Command, CommanderError } from 'commander';
import { commandForm, commandHint, useCommandForm } from '../domain/index.ts';
import { addChat } from './commands/chat.ts';
import { addConfig } from './commands/config.ts';
import { addExplain } from './commands/explain.ts';
import { addHealth } from './commands/health.ts';
import { addLogin } from './commands/login.ts';
import { EXIT, failed } from './commands/outcome.ts';
import { addPromises } from './commands/promises.ts';
import { addRun } from './commands/run.ts';
import { addSchedules } from './commands/schedules.ts';
import { addStatus } from './commands/status.ts';
import { commandFormOf } from './invocation.ts';
import { VERSION } from './version.ts';

useCommandForm(commandFormOf({ script: process.argv[1] ?? '', cwd: process.cwd(), env: process.env }));
const [START, CHAT] = [commandForm('start'), commandForm('chat')] as const;
const WIDTH = Math.max(START.length, CHAT.length);

const program = new Command(commandForm(''))
  .description('The Telegram agent that keeps its promises.')
  .version(VERSION)
  .exitOverride()
  .showSuggestionAfterError()
  .showHelpAfterError(`(${commandForm('<command> --help')} tells more)`)
  .addHelpText(
    'after',
    `
Start with:
  ${START.padEnd(WIDTH)}  bot, worker and web page in one process
  ${CHAT.padEnd(WIDTH)}  talk to it in this terminal

Exit codes: 0 ok, 1 failed check, 2 usage error, 78 configuration error.
Configuration: environment variables, .env and config/workspace_config.json; ${commandHint('config check')} looks at all of it.`,
  );

for (const add of [addRun, addStatus, addChat, addPromises, addSchedules, addExplain, addHealth, addConfig, addLogin]) add(program);

try {
  if (process.argv.length <= 2) program.help();
  await program.parseAsync();
} catch (error) {
  // Commander has printed its own words; help and version are no failures.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else process.exitCode = failed(error);
}
