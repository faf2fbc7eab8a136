import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { makeBackupShelf, scryptSealer } from '../adapters/backup-files/index.ts';
import { makeRedactor } from '../adapters/redaction/index.ts';
import { systemClock, systemRandomness } from '../adapters/system/index.ts';
import { makeBackups } from '../application/index.ts';
import { type Config, isSecretVariable, readEnvFile } from '../config/index.ts';
import type { BackupEngine } from '../domain/index.ts';
import type { Backups, Belongings, DatabaseBackups } from '../ports/index.ts';
import { databasePath } from './data-dir.ts';
import { readingPaths } from './files-read.ts';
import { VERSION } from './version.ts';

/** Where a restore puts the files of the configuration: a person decides which of them are used. */
const RESTORED_FILES = 'restored-files';

/** Backups of the installation that the configuration names. `dataDir`: where one is restored to. */
export const backupsOf = (config: Config, { dataDir = config.dataDir, cwd = process.cwd() } = {}): Backups =>
  makeBackups({
    shelf: makeBackupShelf(),
    engine: config.database ? 'postgres' : 'sqlite',
    database: (engine) => databaseOf(engine, config, dataDir),
    belongings: () => belongingsOf(config, cwd),
    putFiles: (files) => putFiles(files, join(dataDir, RESTORED_FILES)),
    sealer: scryptSealer,
    passphrase: config.backups.passphrase,
    clock: systemClock,
    randomness: systemRandomness,
    version: VERSION,
  });

/** Loads no other engine than this one. */
const databaseOf = async (engine: BackupEngine, { database }: Config, dataDir: string): Promise<DatabaseBackups> => {
  if (engine === 'sqlite') return (await import('../adapters/sqlite/index.ts')).makeSqliteBackups(databasePath(dataDir));
  return (await import('../adapters/postgres/index.ts')).makePostgresBackups(database);
};

const belongingsOf = async (config: Config, cwd: string): Promise<Belongings> => {
  const redact = makeRedactor(config.secrets);
  const paths = readingPaths(config, cwd);
  const files = await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(path, 'utf8');
      const isEnvironment = path === join(cwd, '.env');
      return { path: pathWithin(cwd, path), content: redact(isEnvironment ? withoutSecrets(content) : content) };
    }),
  );
  return { files, leftOut: ['keys, tokens and passwords: keep them elsewhere'] };
};

/** The variables that are no secrets, as a `.env` of their own. */
const withoutSecrets = (content: string): string =>
  Object.entries(readEnvFile(Buffer.from(content)).variables)
    .filter(([name]) => !isSecretVariable(name))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
    .join('');

const pathWithin = (cwd: string, path: string): string => {
  const near = relative(cwd, path);
  const within = near.startsWith('..') || resolve(near) === near ? join('elsewhere', path.replace(/^[A-Za-z]:/, '')) : near;
  return within.split(sep).filter(Boolean).join('/');
};

const putFiles = async (files: Belongings['files'], place: string): Promise<string> => {
  await mkdir(dirname(place), { recursive: true, mode: 0o700 });
  // What another restore has left is somebody's by now.
  const target = existsSync(place) ? `${place}-${randomUUID().slice(0, 8)}` : place;
  const draft = join(dirname(place), `.${basename(target)}`);
  // A restore that was killed may have left one.
  await rm(draft, { recursive: true, force: true });
  try {
    for (const { path, content } of files) {
      const file = join(draft, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, content, { mode: 0o600, flag: 'wx' });
    }
    await rename(draft, target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return target;
};
