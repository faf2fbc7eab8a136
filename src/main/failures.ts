import type { ConfigProblem } from '../config/index.ts';
import { InvalidValueError } from '../domain/index.ts';

/**
 * 78 is EX_CONFIG (https://man.openbsd.org/sysexits.3): a supervisor should not restart the process. 64 is EX_USAGE,
 * for commands whose verdict can be 2.
 */
export const EXIT = { ok: 0, bad: 1, usage: 2, changes: 2, usageOfVerdict: 64, config: 78, interrupted: 130 } as const;

/** The configuration has errors that must be corrected first. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];
  /** What was not done as a consequence, in a sentence. */
  readonly consequence: string;
  /** The command that looks once more. */
  readonly again: string;
  constructor(problems: readonly ConfigProblem[], consequence = 'Nothing was done.', again = 'config check') {
    super(`${problems.length} configuration problems`);
    this.problems = problems;
    this.consequence = consequence;
    this.again = again;
  }
}

/** A failure that the person can correct. Its message says how; no stack trace is shown. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  /** For programs: `promise/not-found`. */
  readonly code: string;
  readonly exitCode: number;
  constructor(message: string, code = 'command/failed', exitCode: number = EXIT.bad) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** The command line can't be understood. */
export class UsageError extends InvalidValueError {
  readonly reason: string;
  constructor(message: string, reason: string) {
    super(message);
    this.reason = reason;
  }
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const printError = (text: string): void => void process.stderr.write(`${text}\n`);

export const problemLines = (problems: readonly ConfigProblem[]): string =>
  problems.map(({ severity, place, problem, hint }) => `${severity}: ${place}\n  ${problem}\n  → ${hint}`).join('\n');
