import { type Config, type ConfigProblem, loadProcessConfig, readProcessConfig, type VariableName } from '../../config/index.ts';
import { commandHint, type Refusal, type Result } from '../../domain/index.ts';
import { CommandError, ConfigError, EXIT, print, printError, problemLines, UsageError } from '../failures.ts';

const VERDICTS = ['health', 'doctor', 'upgrade', 'config plan'];

/** The exit code of a usage error, by the words of the command line: 2 of `health` says that something is unhealthy. */
export const usageExit = (words: readonly string[]): number =>
  VERDICTS.some((verdict) => verdict === words.slice(0, verdict.split(' ').length).join(' ')) ? EXIT.usageOfVerdict : EXIT.usage;

/** The error for a refusal of a use case: a usage error if the words were wrong, else a failed command. */
export const refusalError = ({ code, message }: Refusal): Error =>
  WRONG_WORDS.has(code) ? new UsageError(message, code) : new CommandError(message, code);

/** The value of an outcome. Throws the refusal as an error. */
export const valueIn = <T>(outcome: Result<T, Refusal>): T => {
  if (!outcome.ok) throw refusalError(outcome.error);
  return outcome.value;
};

const WRONG_WORDS = new Set([
  'pairing/no-code',
  'promise/invalid',
  'schedule/invalid-cron',
  'schedule/unknown-time-zone',
  'schedule/never',
]);

/** For a command that needs all of the configuration. */
export const loadConfigOrThrow = (consequence = 'Nothing was done.'): Config => {
  const loaded = loadProcessConfig();
  if (!loaded.ok) throw new ConfigError(loaded.error, consequence);
  return loaded.value;
};

/**
 * For a command that only reads or stops: errors beyond the places that it needs become one warning line. A person
 * must be able to stop a running Kept, or look at it, before the configuration is corrected.
 */
export const loadConfigToLook = (
  ...needed: readonly (VariableName | ((place: string) => boolean))[]
): { readonly config: Config; readonly errors: readonly ConfigProblem[] } => configToLook(readProcessConfig(), needed);

/** The same for what was read already. */
export const configToLook = (
  { config, problems }: ReturnType<typeof readProcessConfig>,
  needed: readonly (VariableName | ((place: string) => boolean))[],
): { readonly config: Config; readonly errors: readonly ConfigProblem[] } => {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const blocking = errors.filter(({ place }) => needed.some((each) => (typeof each === 'string' ? each === place : each(place))));
  if (blocking.length > 0) throw new ConfigError(blocking, 'Nothing was done.');
  if (errors.length > 0) {
    const places = [...new Set(errors.map(({ place }) => place))];
    const named = [...places.slice(0, 3), ...(places.length > 3 ? [`${places.length - 3} more`] : [])].join(', ');
    printError(
      `warning: the configuration has errors (${named}); this command works without it. ${commandHint('config check')} shows them.`,
    );
  }
  return { config, errors };
};

/** How tables are written to standard output. */
export const tableStyle = () => ({ width: process.stdout.columns ?? 120, color: process.stdout.isTTY === true });

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** For a command whose log is not on the terminal. */
export const printWarnings = ({ warnings }: Pick<Config, 'warnings'>): void => {
  if (warnings.length > 0) printError(problemLines(warnings));
};
