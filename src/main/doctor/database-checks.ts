import { commandHint } from '../../domain/index.ts';
import { type Finding, isPortError } from '../../ports/index.ts';
import { databasePath } from '../data-dir.ts';
import { idle } from './file-checks.ts';
import type { DoctorParts, Looks, Repairs } from './parts.ts';

/** Less than the limit of a check. */
const ANSWER_MS = 4_000;
/** `PRAGMA synchronous`: each commit is on the disk before it counts. */
const FULL = 2;

/** What both engines tell. */
interface Told {
  readonly pending: readonly string[];
  readonly place: string;
  readonly settings: () => Finding;
}

/** What the database says of itself. Where it can't be read, the probe of the database tells that. */
export const databaseLooks = ({ config }: DoctorParts): Pick<Looks, 'storage.migrations' | 'storage.settings'> => {
  /** A look of its own for each check: one that stalls keeps no other. */
  const ask = async (signal: AbortSignal, tell: (told: Told) => Finding, newer: (words: string) => Finding): Promise<Finding> => {
    try {
      const told = await toldBy(config, signal);
      return told ? tell(told) : { status: 'skipped', message: 'there is no database yet: the first start makes it' };
    } catch (error) {
      if (isPortError(error) && error.code === 'invalid-request') return newer(error.message);
      return { status: 'skipped', message: "not looked at: the database can't be read; see storage.database" };
    }
  };
  return {
    'storage.migrations': (signal) =>
      ask(signal, migrations, (message) => ({
        status: 'fail',
        message,
        fixHint: 'install the version of Kept that wrote it, or restore a backup from before it',
      })),
    'storage.settings': (signal) =>
      ask(
        signal,
        ({ settings }) => settings(),
        () => ({ status: 'skipped', message: 'not looked at: another version of Kept has written it; see storage.migrations' }),
      ),
  };
};

export const databaseRepairs = ({ config: { database, dataDir } }: DoctorParts): Repairs => {
  const path = databasePath(dataDir);
  return {
    'storage.settings': async () => {
      if (database) return [];
      const { inspectSqlite, setSqliteWal } = await sqlite();
      const state = await inspectSqlite(path);
      if (!state || state.journalMode === 'wal') return [];
      return [{ words: `set WAL as the journal of ${path}`, run: () => idle(dataDir, () => setSqliteWal(path)) }];
    },
  };
};

const toldBy = async ({ database, dataDir }: DoctorParts['config'], signal: AbortSignal): Promise<Told | undefined> => {
  if (database) {
    const { inspectPostgres, placeOf } = await postgres();
    const { pending, settings } = await inspectPostgres(database, ANSWER_MS, signal);
    return { pending, place: placeOf(database.url), settings: () => postgresSettings(settings) };
  }
  const path = databasePath(dataDir);
  const state = await (await sqlite()).inspectSqlite(path);
  return state && { pending: state.pending, place: path, settings: () => sqliteSettings(path, state) };
};

const migrations = ({ pending, place }: Told): Finding =>
  pending.length === 0
    ? { status: 'ok', message: 'the tables are up to date' }
    : {
        status: 'warn',
        message: `an older version of Kept has written them: ${pending.length} ${pending.length === 1 ? 'migration is' : 'migrations are'} still to run`,
        where: place,
        fixHint: 'make a backup, then start Kept: a start brings them up to date',
      };

/** The settings of SQLite that a kept word depends on. */
export const sqliteSettings = (
  path: string,
  {
    journalMode,
    writer,
    readerWaitMs,
  }: {
    readonly journalMode: string;
    readonly writer?: { readonly synchronous: number; readonly foreignKeys: boolean };
    readonly readerWaitMs: number;
  },
): Finding => {
  const lacks = [
    ...(journalMode === 'wal' ? [] : [`the journal is ${journalMode}, not WAL`]),
    ...(writer && writer.synchronous < FULL ? ['a commit counts before it is on the disk (synchronous is not FULL)'] : []),
    ...(writer && !writer.foreignKeys ? ['foreign keys are off'] : []),
    ...(readerWaitMs > 0 ? [] : ['readers do not wait for locks']),
  ];
  if (lacks.length > 0)
    return {
      status: 'warn',
      message: lacks.join('; '),
      where: path,
      fixHint: `stop what else opens the database; ${commandHint('doctor --fix')} or the next start sets WAL`,
    };
  return { status: 'ok', message: `WAL, synchronous FULL, foreign keys on, readers wait ${readerWaitMs / 1_000} s for locks` };
};

/** The settings of PostgreSQL that a kept word depends on. */
export const postgresSettings = (settings: Readonly<Record<string, string>>): Finding => {
  const names = ['fsync', 'full_page_writes', 'synchronous_commit'];
  const off = names.filter((name) => settings[name] === 'off');
  const version = `PostgreSQL ${settings.server_version ?? ''}`;
  if (off.length === 0)
    return { status: 'ok', message: `${version}: ${names.map((name) => `${name} ${settings[name] ?? '?'}`).join(', ')}` };
  const own = off.includes('synchronous_commit');
  return {
    status: 'warn',
    message: `${off.join(' and ')} ${off.length === 1 ? 'is' : 'are'} off: a crash of the server may lose what was told as stored`,
    where: version,
    fixHint: [
      ...(own ? ['ALTER DATABASE <name> SET synchronous_commit = on'] : []),
      ...(off.length > (own ? 1 : 0) ? ['turn the others on in postgresql.conf'] : []),
    ].join('; '),
  };
};

const postgres = () => import('../../adapters/postgres/index.ts');
const sqlite = () => import('../../adapters/sqlite/index.ts');
