import type { BotSetup } from '../../adapters/telegram/index.ts';
import { InvalidValueError } from '../../domain/index.ts';
import { isPortError } from '../../ports/index.ts';
import { CommandError, ConfigError, problemLines } from '../failures.ts';
import type { Prompt } from '../prompt.ts';
import type { SetupChange, SetupFiles } from './setup-files.ts';

/** What the flags of `kept init` say; a flag that was not given is absent. */
export interface InitFlags {
  readonly yes?: true;
  readonly provider?: 'anthropic' | 'openai' | 'compatible' | 'rehearsal';
  readonly modelKey?: string;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly telegram?: 'bot' | 'account' | 'none';
  readonly telegramToken?: string;
  readonly apiId?: string;
  readonly apiHash?: string;
  readonly owner?: string;
  readonly person?: readonly string[];
  readonly workspace?: string;
  readonly directory?: string;
  readonly group?: readonly string[];
  readonly allMessages?: true;
  readonly notionKey?: string;
  readonly notionDatabase?: string;
  readonly codingAgent?: string;
  readonly budget?: number | 'none';
  readonly dataDir?: string;
  readonly config?: string;
}

/** What every step of the set-up stands on. */
export interface Setup {
  readonly files: SetupFiles;
  readonly flags: InitFlags;
  /** Absent where nobody can be asked. */
  readonly person?: Prompt;
  /** The directory in which it was called. */
  readonly cwd: string;
  /** Tells what became of a step: `model      kept (…)`. */
  readonly tell: (step: string, words: string) => void;
  readonly say: (text: string) => void;
  /** The bot of the configuration, signed in for the set-up; undefined where there is none. Rejects with PortError. */
  readonly bot: () => Promise<BotSetup | undefined>;
}

/** A failure that is told with its fix, after which the step can be tried again. */
export class StepFailed extends CommandError {
  constructor(problem: string, fix: string, code: string) {
    super(`${problem}\n  → ${fix}`, code);
  }
}

/** The failure in words; undefined for one that is nobody's to correct. */
const wordsOf = (error: unknown): string | undefined => {
  if (error instanceof ConfigError) return problemLines(error.problems);
  if (error instanceof CommandError || error instanceof InvalidValueError) return error.message;
  return isPortError(error) && error.code !== 'aborted' ? error.message : undefined;
};

/**
 * Runs a step until it works: each failure is told, and the person may try again, or go on without. Where nobody can be
 * asked, the first failure is the end.
 */
export const untilItWorks = async <T>({ person, say }: Setup, step: () => Promise<T>): Promise<T | undefined> => {
  for (;;) {
    try {
      return await (person ? person.unlessInterrupted(step()) : step());
    } catch (error) {
      const words = wordsOf(error);
      if (!person || words === undefined) throw error;
      say(words);
      if (!(await person.confirm('Try again?', true))) return undefined;
    }
  }
};

/** Waits until somebody tells what is listened for. Undefined where the person presses Enter instead. */
export const untilHeard = async <T>(
  { person }: Setup,
  what: string,
  listen: (heard: (found: T) => void) => () => void,
): Promise<T | undefined> => {
  const over = new AbortController();
  let found: T | undefined;
  const stop = listen((heard) => {
    found ??= heard;
    over.abort();
  });
  try {
    await person?.ask(`${what} (Enter alone to leave this out) … `, { until: over.signal });
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    stop();
  }
  return found;
};

/**
 * Writes a change, and tells it. A value that is there is replaced where its flag was given: a person is asked once
 * more, unless by --yes.
 */
export const write = ({ files, say }: Setup, change: SetupChange): void => {
  const written = files.write(change);
  if (written.length > 0) say(`  written: ${written.join(', ')}`);
};

/** Whether the values that are there may be replaced by those of flags. */
export const mayReplace = async ({ person, flags }: Setup, what: string): Promise<boolean> =>
  flags.yes === true || !person || person.confirm(`${what} is set already. Replace it?`, false);
