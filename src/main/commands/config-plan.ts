import type { Command } from 'commander';
import { type Config, type ConfigProblem, readProcessConfig } from '../../config/index.ts';
import { commandHint, MAX_PAIRED } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import { silentLogger } from '../../ports/index.ts';
import { hasData } from '../data-dir.ts';
import { CommandError, ConfigError, EXIT, print, printError, problemLines } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { printJson } from './outcome.ts';
import type { AccessChange, StoredAccess } from './plan-grants.ts';

export const addConfigPlan = (config: Command): void => {
  config
    .command('plan')
    .description('tell who would gain and who would lose what by another workspace_config.json; exit code 2 if somebody would')
    .requiredOption('--config <file>', 'the file that would take the place of the present one')
    .option('--json', 'as JSON')
    .action(async ({ config: file, json = false }: { config: string; json?: boolean }) => {
      const before = readOrThrow(undefined);
      const after = readOrThrow(file);
      tellNewWarnings(before, after);
      const [{ planAccess }, stored] = await Promise.all([import('./plan-grants.ts'), storedAccess(before)]);
      const changes = await planAccess(before, after, stored);
      if (changes.length > 0) process.exitCode = EXIT.changes;
      if (json) printJson({ changes });
      else print(planInWords(changes, before));
    });
};

const readOrThrow = (instead: string | undefined): Config => {
  const { config, problems } = readProcessConfig(process.env, process.cwd(), { insteadOfWorkspaces: instead });
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw instead === undefined
      ? new ConfigError(errors, 'The present configuration must be right before another can be compared with it.')
      : new ConfigError(errors, 'Nothing was compared.', `config plan --config ${instead}`);
  return config;
};

/** What only the new file brings. */
const tellNewWarnings = (before: Config, after: Config): void => {
  const known = new Set(before.warnings.map(wordsOf));
  const brought = after.warnings.filter((warning) => !known.has(wordsOf(warning)));
  if (brought.length > 0) printError(problemLines(brought));
};

/** Of a warning in the file, the same words in the other file are no new one. */
const wordsOf = ({ place, problem }: ConfigProblem): string => `${place.replace(/^.*: /, '')}: ${problem}`;

/** Who was let in, and which chats have moved; nothing where nothing is stored yet. */
const storedAccess = async (config: Config): Promise<StoredAccess> => {
  if (!hasData(config)) return { paired: new Set(), moves: [] };
  const { makeAppContext } = await import('../container.ts');
  const root = makeAppContext(config, silentLogger, { asItIs: true, readsOnly: true });
  try {
    const [commands, { stores }] = await Promise.all([root.get(TOKENS.commands), root.get(TOKENS.storage)]);
    const paired = await commands.listPairings({ statuses: ['paired'], limit: MAX_PAIRED });
    return { paired: new Set(paired.map(({ userId }) => userId)), moves: await stores.chatMoves.list() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`who was let in, and which chats have moved, can't be read: ${reason}`, 'plan/no-data');
  } finally {
    await root.lifecycle.stop();
  }
};

/** More is for programs. */
const MAX_TOLD = 100;

export const planInWords = (changes: readonly AccessChange[], { policy }: Pick<Config, 'policy'>): string => {
  if (changes.length === 0) return 'Nobody gains or loses anything.';
  const nameOf = (subject: string): string => [...(policy.people ?? [])].find(([id]) => id === subject)?.[1].name ?? '';
  const alike = [...Map.groupBy(changes, ({ place, gains, loses }) => JSON.stringify([place, gains, loses])).values()];
  const blocks = alike.slice(0, MAX_TOLD).map((same) => {
    const { place, gains, loses } = same[0] as AccessChange;
    return [
      `${subjectsInWords(same, nameOf)}${placeInWords(place)}`,
      ...(gains.length > 0 ? [`  gains  ${gains.join(', ')}`] : []),
      ...(loses.length > 0 ? [`  loses  ${loses.join(', ')}`] : []),
      '',
    ].join('\n');
  });
  const more = alike.length - blocks.length;
  return [
    ...blocks,
    ...(more > 0 ? [`and ${more} more; ${commandHint('config plan --json')} lists all.\n`] : []),
    `${plural(changes.length, 'change')}. Nothing was changed.`,
  ].join('\n');
};

const MAX_NAMED = 8;

const subjectsInWords = (same: readonly AccessChange[], nameOf: (subject: string) => string): string => {
  const subjects = same.map(({ subject, place }) => {
    if (subject === place) return 'Whoever writes';
    const name = nameOf(subject);
    return name === '' ? (SUBJECTS[subject] ?? subject) : `${name} (${subject})`;
  });
  const named = subjects.slice(0, MAX_NAMED);
  return [...named, ...(subjects.length > named.length ? [`${subjects.length - named.length} more`] : [])].join(', ');
};

const SUBJECTS: Readonly<Record<string, string>> = {
  anybody: 'Anybody whom nothing names',
  installation: 'The installation',
  'local:operator': 'The operator',
};

const placeInWords = (place: string): string =>
  place === 'own' ? ' in their own conversation' : place === 'everywhere' ? '' : ` in ${place}`;
