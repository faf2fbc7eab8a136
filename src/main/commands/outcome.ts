import { type Config, type ConfigProblem, loadProcessConfig } from '../../config/index.ts';
import { commandHint, InvalidValueError } from '../../domain/index.ts';
import { isPortError, reasonOf } from '../../ports/index.ts';
import { DataDirError } from '../open-data-dir.ts';

/** https://man.openbsd.org/sysexits.3: 78 is EX_CONFIG; a supervisor need not try again. */
export const EXIT = { ok: 0, bad: 1, usage: 2, config: 78 } as const;

/** The configuration is wrong: nothing can be done until it is mended. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  constructor(problems: readonly ConfigProblem[]) {
    super(`${problems.length} configuration problems`);
    this.problems = problems;
  }
}

/** Something that the person can mend, in words that say how; no stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Why a use case did not do what was asked: wrong words are wrong usage, all else is about the thing asked for. */
export const refusalError = ({ code, message }: { readonly code: string; readonly message: string }): Error =>
  WRONG_WORDS.has(code) ? new InvalidValueError(message) : new CommandError(message);

const WRONG_WORDS = new Set(['promise/invalid', 'schedule/invalid-cron', 'schedule/unknown-time-zone', 'schedule/never']);

export const loadConfigOrThrow = (): Config => {
  const loaded = loadProcessConfig();
  if (!loaded.ok) throw new ConfigError(loaded.error);
  return loaded.value;
};

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printError = (text: string): void => void process.stderr.write(`${text}\n`);
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

export const problemLines = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ severity, place, problem, hint }) => `${severity}: ${place}\n  ${problem}\n  → ${hint}`).join('\n');

/** Prints why a command failed, and gives the exit code for it. */
export const failed = (error: unknown): number => {
  if (error instanceof ConfigError) {
    printError(problemLines(error.problems));
    printError(`\nNothing was started. ${commandHint('config check')} looks again.`);
    return EXIT.config;
  }
  if (error instanceof DataDirError) {
    printError(`kept: ${error.message}`);
    return EXIT.config;
  }
  if (error instanceof InvalidValueError) {
    printError(`kept: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof CommandError || isPortError(error)) {
    printError(`kept: ${error.message}`);
    return EXIT.bad;
  }
  printError(`kept: ${reasonOf(error)}`);
  if (error instanceof Error && error.stack) printError(error.stack);
  return EXIT.bad;
};
