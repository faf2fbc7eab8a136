import type { Command } from 'commander';
import { stripControl } from '../../adapters/terminal/index.ts';
import { makeForgetPerson } from '../../application/index.ts';
import { commandHint, type UserId } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import type { ForgetPreview, ForgottenPerson, PersonalCounts } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { CommandError, print, printError, UsageError } from '../failures.ts';
import { backupPathsIn, forgetFiles, forgetInLogs, forgetTranscripts } from '../forget-places.ts';
import { isConfirmed } from '../prompt.ts';
import { TOKENS } from '../tokens.ts';
import { personNamed } from './access-subject.ts';
import { printJson, valueIn } from './outcome.ts';
import { withContext } from './with-context.ts';

interface ForgetOptions {
  readonly yes?: boolean;
  readonly json?: boolean;
}

export const addForget = (program: Command): void => {
  program
    .command('forget')
    .description('erase what is kept of a person: their words, files, facts, links, promises, what repeats them, lines of the log')
    .argument('<person>', 'an id such as telegram:501, or a name of the configuration')
    .option('--yes', 'do it; else it is shown what would go, and asked on a terminal')
    .option('--json', 'as JSON')
    .action((named: string, { yes = false, json = false }: ForgetOptions) =>
      withContext(async (root) => {
        const { person, dataDir, forgetPerson } = await parts(root, named);
        if (!yes && json) return refuse('with --json, a person is forgotten by --yes alone');
        if (!yes) {
          const preview = await forgetPerson.preview(person);
          tellPreview(person, preview, await backupPathsIn(dataDir));
          if (!hasAny(preview)) return;
          if (process.stdin.isTTY !== true) return refuse('a person is forgotten by --yes, or by a yes on a terminal');
          if (!(await isConfirmed('Erase all of this? There is no way back.'))) return print('Nothing was changed.');
        }
        const stop = new AbortController();
        const onSignal = (): void =>
          stop.abort(new CommandError('it was stopped before it erased: run the same command again', 'forget/stopped'));
        process.once('SIGINT', onSignal);
        try {
          if (!json) printError('Ends what is under way, erases, and writes the database anew…');
          const done = await forgetPerson.forget(person, stop.signal);
          const backups = await backupPathsIn(dataDir);
          if (json) return printJson({ person, ...done, backups });
          tellDone(person, done, backups);
        } finally {
          process.off('SIGINT', onSignal);
        }
      }),
    );
};

const refuse = (why: string): never => {
  throw new UsageError(`nothing was changed: ${why}`, 'usage/not-confirmed');
};

const parts = async ({ get }: AppContext, named: string) => {
  const [config, policy, engine, commands, storage, clock, events] = await Promise.all([
    get(TOKENS.config),
    get(TOKENS.policy),
    get(TOKENS.engine),
    get(TOKENS.commands),
    get(TOKENS.storage),
    get(TOKENS.clock),
    get(TOKENS.events),
  ]);
  const { sender, hasId } = valueIn(personNamed(policy, named));
  if (!hasId) throw new UsageError(`${named} has no id here: name the id, as ${commandHint('audit')} shows it`, 'forget/no-id');
  const { personalData } = engine;
  if (!personalData) throw new CommandError('this storage keeps nothing of people', 'forget/nothing-kept');
  const { dataDir } = config;
  const forgetPerson = makeForgetPerson({
    personalData,
    stores: storage.stores,
    begun: storage.state('forget'),
    cancelPromise: commands.cancelPromise,
    cancelSchedule: commands.cancelSchedule,
    elsewhere: [forgetFiles(policy), forgetTranscripts(dataDir), forgetInLogs(dataDir, storage.id)],
    clock,
    events,
  });
  return { person: sender.id, dataDir, forgetPerson };
};

const hasAny = ({ counts, promises, schedules, isUnfinished }: ForgetPreview): boolean =>
  isUnfinished || Object.keys(counts).length + promises.length + schedules.length > 0;

const lines = (counts: PersonalCounts): string =>
  Object.entries(counts)
    .map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`)
    .join('\n');

const tellPreview = (person: UserId, preview: ForgetPreview, backups: readonly string[]): void => {
  if (!hasAny(preview)) {
    print(stripControl(`Nothing is kept of ${person}.`));
    return;
  }
  const { counts, promises, schedules, isUnfinished } = preview;
  if (isUnfinished)
    print('An earlier run has not come to its end: what it erased may still stand in the files of the database, until one does.');
  const ended = [
    ...(promises.length > 0 ? [plural(promises.length, 'promise')] : []),
    ...(schedules.length > 0 ? [plural(schedules.length, 'schedule')] : []),
  ];
  if (Object.keys(counts).length > 0) print(stripControl(`Of ${person}, this would be erased:\n${lines(counts)}`));
  if (ended.length > 0) print(`Before that, ${ended.join(' and ')} would be ended.`);
  print('Ids, numbers and what was spent stay in the audit log and the ledger. What other people wrote themselves stays.');
  tellBackups(backups);
};

const tellDone = (person: UserId, { counts, running, stays }: ForgottenPerson, backups: readonly string[]): void => {
  print(stripControl(Object.keys(counts).length === 0 ? `Nothing more is kept of ${person}.` : `Forgotten: ${person}.\n${lines(counts)}`));
  if (running.length > 0)
    print(
      `A worker still ran ${running.map((id) => `#${id}`).join(', ')}: what it writes of that may come to the log. Run the same command again once it is stopped.`,
    );
  if (stays.length > 0) print(`Their words stay ${stays.join('; ')}.`);
  tellBackups(backups);
};

const tellBackups = (backups: readonly string[]): void => {
  if (backups.length === 0) return;
  print(stripControl(`These backups were made before, and still hold their words:\n${backups.map((path) => `  ${path}`).join('\n')}`));
};
