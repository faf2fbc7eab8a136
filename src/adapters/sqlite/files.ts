import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { PortError } from '../../ports/index.ts';
import { MIGRATIONS_TABLE } from '../sql/migrations.ts';
import type { Query } from '../sql/sql.ts';
import { damaged, toPortError } from './errors.ts';
import { markPath } from './mark.ts';

/**
 * Returns a check that throws PortError `unavailable` if the open files at `path` were moved, removed or replaced:
 * nobody would find what is written to them then.
 */
export const makePlaceCheck = (path: string): (() => void) => {
  const opened = [path, `${path}-wal`].map((file) => ({ file, was: stat(file) }));
  return () => {
    for (const { file, was } of opened) {
      const now = stat(file);
      if (was === undefined || (now?.ino === was.ino && now.dev === was.dev)) continue;
      throw new PortError(
        'unavailable',
        `${file} was ${now ? 'replaced' : 'moved or removed'} while Kept runs: nothing is stored until it is back; else end this process and start again`,
        { retryable: true },
      );
    }
  };
};

/**
 * Throws PortError if there is no database of Kept at `path` that can be read as it is. It looks at the file only, and
 * opens nothing.
 */
export const requireDatabaseFile = (path: string): void => {
  const found = stat(path);
  if (!found) throw new PortError('not-found', `there is no database ${path}`, { retryable: false });
  if (found.size === 0) throw emptied(path);
  // Otherwise SQLite would make a read-only WAL and leave it behind.
  if (!stat(`${path}-wal`)) requireWritable(path);
};

const requireWritable = (path: string): void => {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw toPortError(error, path);
  }
};

/** The error for a file that is missing or empty although there was a database. */
export const emptied = (path: string): PortError => {
  const how = stat(path) ? 'is empty' : 'is missing';
  return new PortError('storage-corrupt', `${path} ${how}: its content is gone. ${whatToDo(path)}`, { retryable: false });
};

/** What to do about a database that does not hold what it held. */
export const whatToDo = (path: string): string =>
  `Replace it with a backup, together with the backup's -wal file if there is one. To continue with what is there, remove ${markPath(path)} and start again`;

export const sizeOf = (path: string): number => stat(path)?.size ?? 0;

/** Throws PortError `invalid-request` if the database has tables but none of Kept's. */
export const requireOwnTables = async (query: Query, path: string): Promise<void> => {
  const tables = await query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  if (tables.length > 0 && !tables.some(({ name }) => name === MIGRATIONS_TABLE))
    throw new PortError('invalid-request', `${path} is a database of another program: move it away, or set KEPT_DATA_DIR`, {
      retryable: false,
    });
};

/** The largest database that is checked at each start: checking more would take longer than a second. */
const MAX_CHECKED_BYTES = 64 * 1024 ** 2;

/**
 * Throws PortError `storage-corrupt` if SQLite finds the file damaged. A larger file than that is never checked as a
 * whole.
 */
export const requireSound = async (query: Query, path: string): Promise<void> => {
  if (sizeOf(path) > MAX_CHECKED_BYTES) return;
  const [found] = await query<{ quick_check: string }>('PRAGMA quick_check(1)');
  if (found && found.quick_check !== 'ok') throw damaged(path, found.quick_check.replaceAll('\n', ' '));
};

const stat = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
