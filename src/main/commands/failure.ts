import { CommanderError } from 'commander';
import { isLockHeld } from '../../adapters/system/index.ts';
import type { ConfigProblem } from '../../config/index.ts';
import { commandForm, commandHint, InvalidValueError } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError, reasonOf } from '../../ports/index.ts';
import { CommandError, ConfigError, EXIT, printError, problemLines, UsageError } from '../failures.ts';
import { Interrupted } from '../interrupted.ts';
import { SettingsError } from '../open-data-dir.ts';
import { printJson } from './outcome.ts';

/** Why a command failed, as `--json` prints it. */
interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly problems?: readonly ConfigProblem[];
  /** Only for unexpected errors. */
  readonly stack?: string;
}

/** Whether a program reads the output: then a failure is JSON on standard output, too. */
export const wantsJson = (words: readonly string[]): boolean => {
  const end = words.indexOf('--');
  return (end === -1 ? words : words.slice(0, end)).includes('--json');
};

/** Prints why a command failed, in words on standard error or as JSON on standard output. Returns the exit code. */
export const failed = (
  error: unknown,
  { json, usageExit = EXIT.usage }: { readonly json: boolean; readonly usageExit?: number },
): number => {
  const failure = failureOf(error, usageExit);
  const { exitCode, stack, ...told } = failure;
  if (json) printJson({ error: told });
  // Commander has already printed its message.
  else if (!(error instanceof CommanderError)) printFailure(failure);
  // The stack of a bug goes to standard error, even with --json.
  if (stack !== undefined) printError(stack);
  return exitCode;
};

const failureOf = (error: unknown, usageExit: number): Failure => {
  if (error instanceof CommanderError) return usageOf(error, usageExit);
  if (error instanceof ConfigError) {
    const { problems } = error;
    const errors = problems.filter(({ severity }) => severity === 'error');
    const message = errors.map(({ place, problem }) => `${place}: ${problem}`).join('; ');
    return {
      exitCode: EXIT.config,
      code: 'config/invalid',
      message,
      hint: `${error.consequence} ${commandHint(error.again)} looks again`,
      problems,
    };
  }
  if (error instanceof SettingsError) return { exitCode: EXIT.config, code: 'config/data-dir', message: error.message };
  if (error instanceof UsageError) return { exitCode: usageExit, code: error.reason, message: error.message };
  if (error instanceof InvalidValueError) return { exitCode: usageExit, code: 'usage/invalid-value', message: error.message };
  if (error instanceof Interrupted) return { exitCode: error.exitCode, code: 'command/interrupted', message: error.message };
  if (error instanceof CommandError) return { exitCode: error.exitCode, code: error.code, message: error.message };
  if (isLockHeld(error)) return { exitCode: EXIT.bad, code: error.code, message: error.message };
  if (isPortError(error))
    return { exitCode: EXIT.bad, code: `port/${error.code}`, message: error.message, ...present({ hint: error.help }) };
  const stack = error instanceof Error ? error.stack : undefined;
  return { exitCode: EXIT.bad, code: 'internal', message: reasonOf(error), ...present({ stack }) };
};

/** Shortens Commander's message to `--at: "soon" is not a time`: it names the value twice. */
export const plainUsage = (text: string): string =>
  text.replace(
    /(?:command-argument value '.*?' is invalid for argument '[^']*'\. |option '(--[\w-]+)[^']*' argument '.*?' is invalid\. )(?!Allowed )/s,
    (_, option?: string) => (option === undefined ? '' : `${option}: `),
  );

/** Commander gives one text: the first line is the error, the others are suggestions. */
const usageOf = ({ code, message }: CommanderError, exitCode: number): Failure => {
  const [first = '', ...further] = message.split('\n');
  return {
    exitCode,
    code: `usage/${code.replace(/^commander\./, '').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    message: plainUsage(first.replace(/^error: /, '')),
    hint: further.join(' ').replace(/^\(|\)$/g, '') || `${commandForm('<command> --help')} tells more`,
  };
};

const printFailure = ({ message, hint, problems }: Failure): void => {
  if (!problems) printError(`kept: ${message}${hint === undefined ? '' : `\n  → ${hint}`}`);
  else printError(`${problemLines(problems)}\n\n${hint}.`);
};
