import { CommanderError } from 'commander';
import { endSoon, endWhereHung } from '../adapters/system/index.ts';
import { useCommandForm } from '../domain/index.ts';
import { failed, wantsJson } from './commands/failure.ts';
import { usageExit } from './commands/outcome.ts';
import { EXIT } from './failures.ts';
import { asHelpOption } from './help-words.ts';
import { Interrupted } from './interrupted.ts';
import { commandFormOf } from './invocation.ts';
import { makeProgram } from './program.ts';

useCommandForm(commandFormOf({ script: process.argv[1] ?? '', node: process.execPath, cwd: process.cwd(), env: process.env }));

const given = process.argv.slice(2);
const json = wantsJson(given);
try {
  // With --json, the error goes to standard output.
  const program = await makeProgram({ quiet: json, words: given });
  const words = asHelpOption(program, given);
  if (words.length === 0) program.help();
  await program.parseAsync(words, { from: 'user' });
} catch (error) {
  // --help and --version are not failures.
  if (error instanceof CommanderError && error.exitCode === 0) process.exitCode = EXIT.ok;
  else process.exitCode = failed(error, { json, usageExit: usageExit(given) });
  // What was asked of others meanwhile is waited for by nobody.
  if (error instanceof Interrupted) endSoon(error.exitCode);
}
// A command that has ended waits for no call that hangs on a disk.
endWhereHung(Number(process.exitCode ?? EXIT.ok));
