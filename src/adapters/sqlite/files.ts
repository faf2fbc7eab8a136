import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { PortError, reasonOf } from '../../ports/index.ts';
import type { Query } from '../sql/sql.ts';
import { damaged } from './errors.ts';
import { markPath } from './mark.ts';
import { MIGRATIONS_TABLE } from './migrations/index.ts';

/**
 * Makes what throws PortError `unavailable` once the files at `path` are no longer those that are open: moved, removed
 * or replaced. What is written to them then would be found by nobody.
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

/** Throws PortError where there is no database of Kept at `path` to look into. Looks at the file alone. */
export const requireDatabaseFile = (path: string): void => {
  const found = stat(path);
  if (!found) throw new PortError('not-found', `there is no database ${path}`, { retryable: false });
  if (found.size === 0) throw emptied(path);
  // SQLite would make a WAL that is read-only, too, and leave it behind.
  if (!stat(`${path}-wal`)) requireWritable(path);
};

const requireWritable = (path: string): void => {
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new PortError('unavailable', `${path} can't be written: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

/** No file, or an empty one, where there was a database. */
export const emptied = (path: string): PortError => {
  const how = stat(path) ? 'is empty' : 'is not there any more';
  return new PortError('storage-corrupt', `${path} ${how}: what was in it is gone. ${whatToDo(path)}`, { retryable: false });
};

/** For a database that does not hold what it held. */
export const whatToDo = (path: string): string =>
  `Put a backup of it in its place, together with its -wal file where there is one. To go on with what is there, remove ${markPath(path)} and start again`;

export const sizeOf = (path: string): number => stat(path)?.size ?? 0;

/** Throws PortError `invalid-request` for a database that has tables, none of them Kept's. */
export const requireOwnTables = async (query: Query, path: string): Promise<void> => {
  const tables = await query<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  if (tables.length > 0 && !tables.some(({ name }) => name === MIGRATIONS_TABLE))
    throw new PortError('invalid-request', `${path} is a database of another program: move it away, or set KEPT_DATA_DIR`, {
      retryable: false,
    });
};

/** The largest database that is checked at each start: more would take longer than a second. */
const MAX_CHECKED_BYTES = 64 * 1024 ** 2;

/**
 * Throws PortError `storage-corrupt` where SQLite finds the file damaged. Of a large one only what is used is ever
 * looked at.
 */
export const requireSound = async (query: Query, path: string): Promise<void> => {
  if (sizeOf(path) > MAX_CHECKED_BYTES) return;
  const [found] = await query<{ quick_check: string }>('PRAGMA quick_check(1)');
  if (found && found.quick_check !== 'ok') throw damaged(path, found.quick_check.replaceAll('\n', ' '));
};

const stat = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });
