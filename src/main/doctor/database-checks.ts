import { commandHint } from '../../domain/index.ts';
import { plural } from '../../domain/shared/plural.ts';
import { type Finding, isPortError } from '../../ports/index.ts';
import { databasePath } from '../data-dir.ts';
import { idle } from './file-checks.ts';
import type { DoctorParts, Looks, Repairs } from './parts.ts';

/** Less than the limit of a check. */
const ANSWER_MS = 4_000;
/** `PRAGMA synchronous`: each commit is on the disk before it counts. */
const FULL = 2;

/** The oldest PostgreSQL that Kept runs on. */
const OLDEST_POSTGRES = 13;

/** What both engines tell of a database. */
interface SeenDatabase {
  readonly isNew: boolean;
  readonly pending: readonly unknown[];
  readonly place: string;
  /** That it answers. */
  readonly words: string;
  readonly settings: () => Finding;
}

/** Where a newer version of Kept has written to it. */
export const NEWER_HINT = 'install the version of Kept that wrote it, or restore a backup from before it';

/** What the database says of itself. Where it can't be read, the probe of the database tells that. */
export const databaseLooks = ({ config }: DoctorParts): Pick<Looks, 'storage.migrations' | 'storage.settings'> => {
  /** A look of its own for each check: one that stalls keeps no other. */
  const ask = async (signal: AbortSignal, find: (seen: SeenDatabase) => Finding, newer: (words: string) => Finding): Promise<Finding> => {
    try {
      const seen = await seeDatabase(config, ANSWER_MS, signal);
      return seen ? find(seen) : { status: 'skipped', message: 'there is no database yet: the first start makes it' };
    } catch (error) {
      if (isPortError(error) && error.code === 'invalid-request') return newer(error.message);
      return { status: 'skipped', message: "not looked at: the database can't be read; see storage.database" };
    }
  };
  return {
    'storage.migrations': (signal) =>
      ask(signal, tablesFinding, (message) => ({
        status: 'fail',
        message,
        fixHint: NEWER_HINT,
      })),
    'storage.settings': (signal) =>
      ask(
        signal,
        ({ settings }) => settings(),
        () => ({ status: 'skipped', message: 'not looked at: the tables are of another version of Kept; see storage.migrations' }),
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

/** Looks at the database, and changes nothing. Undefined where there is none yet. Rejects with PortError. */
export const seeDatabase = async (
  { database, dataDir }: Pick<DoctorParts['config'], 'database' | 'dataDir'>,
  limitMs: number,
  signal: AbortSignal,
): Promise<SeenDatabase | undefined> => {
  if (database) {
    const { inspectPostgres, placeOf } = await postgres();
    const { isNew, pending, settings } = await inspectPostgres(database, limitMs, signal);
    const words = `answers, PostgreSQL ${settings.server_version}`;
    return { isNew, pending, place: placeOf(database.url), words, settings: () => postgresSettings(settings) };
  }
  const path = databasePath(dataDir);
  const state = await (await sqlite()).inspectSqlite(path);
  return (
    state && {
      isNew: state.isNew,
      pending: state.pending,
      place: path,
      words: `${path} opens`,
      settings: () => sqliteSettings(path, state),
    }
  );
};

/** Whether its tables are those of this version. */
export const tablesFinding = ({ isNew, pending, place }: SeenDatabase): Finding => {
  if (pending.length === 0) return { status: 'ok', message: 'the tables are up to date' };
  if (isNew) return { status: 'warn', message: 'there are no tables yet', where: place, fixHint: 'start Kept: a start makes them' };
  return {
    status: 'warn',
    message: `the tables are of an older version of Kept: ${plural(pending.length, 'migration is', 'migrations are')} still to run`,
    where: place,
    fixHint: 'make a backup, then start Kept: a start brings them up to date',
  };
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
  if (Number.parseInt(settings.server_version ?? '', 10) < OLDEST_POSTGRES)
    return {
      status: 'fail',
      message: `${version} is too old: ${OLDEST_POSTGRES} or newer is needed`,
      where: version,
      fixHint: `upgrade the server to PostgreSQL ${OLDEST_POSTGRES} or newer`,
    };
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
