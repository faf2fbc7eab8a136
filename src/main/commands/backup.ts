import { resolve } from 'node:path';
import type { Command } from 'commander';
import { formatTable, stripControl } from '../../adapters/terminal/index.ts';
import type { Config } from '../../config/index.ts';
import { type Backup, bytesWords, clockTime, commandHint } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import type { Backups } from '../../ports/index.ts';
import { EXIT, print, printError, UsageError } from '../failures.ts';
import { backupsPath } from '../newest-backup.ts';
import { argument, keepOf } from './arguments.ts';
import { loadConfigToLook, printJson, tableStyle } from './outcome.ts';
import { requireData, WHERE_DATA_IS } from './with-context.ts';

interface Json {
  readonly json?: boolean;
}

export const addBackup = (program: Command): void => {
  const backup = program.command('backup').description('make backups while Kept runs, check them, restore them');

  backup
    .command('create')
    .description('make a backup of the database and of what belongs to it; nothing has to be stopped')
    .option('--to <dir>', 'the directory that it is made in (default: backups in the data directory)')
    .option('--json', 'as JSON: path, rows, bytes')
    .action(create);

  backup
    .command('list')
    .description('list the finished backups, newest first')
    .option('--in <dir>', 'the directory that they are in (default: backups in the data directory)')
    .option('--json', 'as JSON')
    .action(list);

  backup
    .command('verify')
    .description('read a backup whole: hashes, the database itself, and how many rows each table holds; exit code 1 if something is wrong')
    .argument('<path>', 'the backup')
    .option('--json', 'as JSON')
    .action(verify);

  backup
    .command('restore')
    .description('verify a backup, and make a database of it where there is none: in a data directory, or at DATABASE_URL')
    .argument('<path>', 'the backup')
    .option('--data-dir <dir>', 'the data directory, which holds no data yet')
    .option('--json', 'as JSON')
    .action(restore);

  backup
    .command('prune')
    .description('remove all but the newest backups that Kept has made')
    .option('--in <dir>', 'the directory that they are in (default: backups in the data directory)')
    .option('--keep <n>', 'how many stay (default: KEPT_BACKUP_KEEP)', argument(keepOf))
    .option('--json', 'as JSON')
    .action(prune);
};

const load = async (): Promise<{ readonly config: Config; readonly backups: Backups }> => {
  const { config } = loadConfigToLook(...WHERE_DATA_IS, 'KEPT_BACKUP_KEEP', 'KEPT_BACKUP_PASSPHRASE');
  const { backupsOf } = await import('../make-backups.ts');
  return { config, backups: backupsOf(config) };
};

const placeOf = ({ dataDir }: Config, asked: string | undefined): string => resolve(asked ?? backupsPath(dataDir));

const create = async ({ to, json }: Json & { readonly to?: string }): Promise<void> => {
  const { config, backups } = await load();
  requireData(config);
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  if (!json) printError('Making a backup…');
  try {
    const { path, rows, bytes, leftOut } = await backups.create(placeOf(config, to), stopped.signal);
    if (json) return printJson({ path, rows, bytes });
    print(stripControl(`${path}: ${plural(rows, 'row')}, ${bytesWords(bytes)}.`));
    for (const words of leftOut) print(`Not in it: ${words}.`);
    print(`To check it: ${commandHint(`backup verify ${stripControl(path)}`)}. Keep a copy on another disk.`);
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  }
};

const list = async ({ in: place, json }: Json & { readonly in?: string }): Promise<void> => {
  const { config, backups } = await load();
  const from = placeOf(config, place);
  const found = await backups.list(from);
  if (json) return printJson({ backups: found.map(backupView) });
  print(found.length === 0 ? `There is no backup in ${from}.` : table(found, config.timeZone));
};

const table = (found: readonly Backup[], timeZone: string): string =>
  formatTable(
    found.map(({ path, createdAt, engine, rows, bytes }) => ({
      at: clockTime(createdAt, timeZone),
      engine,
      rows: String(rows),
      size: bytesWords(bytes),
      path,
    })),
    [
      { key: 'at', title: `AT (${timeZone})` },
      { key: 'engine', title: 'ENGINE' },
      { key: 'rows', title: 'ROWS', align: 'right' },
      { key: 'size', title: 'SIZE', align: 'right' },
      { key: 'path', title: 'PATH', flexible: true, overflow: 'wrap' },
    ],
    tableStyle(),
  );

const backupView = ({ path, createdAt, engine, rows, bytes }: Backup) => ({
  path,
  createdAt: new Date(createdAt).toISOString(),
  engine,
  rows,
  bytes,
});

const verify = async (path: string, { json }: Json): Promise<void> => {
  const { config, backups } = await load();
  const { manifest, faults, ...verified } = await backups.verify(resolve(path));
  if (faults.length > 0) process.exitCode = EXIT.bad;
  const { rows, version, engine, createdAt } = manifest;
  if (json) return printJson({ path: verified.path, ok: faults.length === 0, rows, faults });
  for (const fault of faults) printError(stripControl(fault));
  print(
    faults.length > 0
      ? 'This backup is not what it was: restore another one.'
      : `The backup holds: ${plural(rows, 'row')} of ${engine}, made ${clockTime(createdAt, config.timeZone)} by Kept ${version}.`,
  );
};

const restore = async (path: string, { dataDir, json }: Json & { readonly dataDir?: string }): Promise<void> => {
  const { config, backups } = await load();
  if (dataDir === undefined && !config.database)
    throw new UsageError(
      'name where it is restored to: --data-dir <dir>, or DATABASE_URL of an empty database for a backup of PostgreSQL',
      'usage/no-target',
    );
  const { backupsOf } = await import('../make-backups.ts');
  if (dataDir === undefined && (await backups.verify(resolve(path))).manifest.engine === 'sqlite')
    throw new UsageError('this is a backup of SQLite: name the directory that it is restored to with --data-dir <dir>', 'usage/no-target');
  const target = resolve(dataDir ?? config.dataDir);
  const { place, rows, hasSessions, files } = await backupsOf(config, { dataDir: target }).restore(resolve(path));
  if (json) return printJson({ path: place, rows, sessions: hasSessions, ...(files === undefined ? {} : { files }) });
  print(stripControl(`${place}: ${plural(rows, 'row')}.`));
  if (files !== undefined) print(stripControl(`The files of its configuration, without secrets, are in ${files}.`));
  print(
    hasSessions
      ? 'Accounts are signed in as they were: never let two run with one session.'
      : `No session of an account is in it: a bot signs in by its token, a person by ${commandHint('login')}.`,
  );
  print('Before you start it, make sure that the Kept that it was made of does not run any more.');
};

const prune = async ({ in: place, keep, json }: Json & { readonly in?: string; readonly keep?: number }): Promise<void> => {
  const { config, backups } = await load();
  const gone = await backups.prune(placeOf(config, place), keep ?? config.backups.keep);
  if (json) return printJson({ removed: gone.map(({ path }) => path) });
  for (const { path } of gone) print(stripControl(`Removed ${path}`));
  print(gone.length === 0 ? 'There is nothing to remove.' : `${plural(gone.length, 'backup')} removed.`);
};
