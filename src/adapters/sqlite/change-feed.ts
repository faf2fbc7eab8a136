import { type FSWatcher, watch } from 'node:fs';
import Database from 'better-sqlite3-13';
import { type ChangeFeed, type Logger, PortError, reasonOf } from '../../ports/index.ts';

/** The net beneath: listeners are called this often whatever happens. */
const POLL_MS = 1_000;
/** However much is committed, listeners are called no more often than this. */
const REST_MS = 3;
/**
 * Where nobody touches the file after the commit, it looks again after a write, each time so long after the time
 * before.
 */
const LATER_MS = [10, 20, 40, 80, 160];

export interface SqliteChangeFeed extends ChangeFeed {
  close(): void;
}

/**
 * Tells of commits to the SQLite database at `path`, by any process, within milliseconds: whatever happens to its
 * `-wal` file makes it look whether SQLite's `data_version` has changed, and only then are listeners called. The
 * storage touches that file after each commit, as SQLite itself writes to it before others can see the commit; others'
 * commits may be told a little later. Where files can't be watched, the poll each second remains. The database MUST
 * have been opened by a storage before, and this feed closed before that. Throws PortError `unavailable` when there is
 * no database at `path`.
 */
export const makeSqliteChangeFeed = (path: string, logger?: Logger): SqliteChangeFeed => {
  const database = open(path);
  const listeners = new Set<() => void>();
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let later: NodeJS.Timeout | undefined;
  let restUntil = Number.NEGATIVE_INFINITY;
  let seen: unknown;
  let closed = false;

  const tell = () => {
    for (const listener of [...listeners]) listener();
  };

  const dataVersion = database.prepare('PRAGMA data_version').pluck();
  const changed = (): boolean => {
    try {
      const version = dataVersion.get();
      if (version === seen) return false;
      seen = version;
    } catch (error) {
      logger?.debug({ err: error }, 'the database could not be asked for changes: listeners look for themselves');
    }
    return true;
  };

  /**
   * `looks`: how many there were since the last write. Also after one that has seen a change, that write may be of the
   * next.
   */
  const look = (looks: number): void => {
    timer = undefined;
    clearTimeout(later);
    if (closed) return;
    const waitMs = LATER_MS[looks];
    if (waitMs !== undefined) later = setTimeout(look, waitMs, looks + 1).unref();
    if (!changed()) return;
    restUntil = performance.now() + REST_MS;
    tell();
  };

  const written = (): void => {
    if (timer) return;
    const restMs = restUntil - performance.now();
    clearTimeout(later);
    if (restMs > 0) timer = setTimeout(look, restMs, 0).unref();
    else look(0);
  };

  const unwatch = () => {
    watcher?.close();
    watcher = undefined;
  };

  /** The file is replaced when the last connection closes and another opens: the next poll then watches the new one. */
  const startWatching = () => {
    try {
      watcher = watch(`${path}-wal`, { persistent: false }, (event) => {
        if (event === 'rename') unwatch();
        written();
      });
      watcher.on('error', (error) => {
        logger?.debug({ err: error }, 'the database file can no longer be watched; changes are looked for each second');
        unwatch();
      });
    } catch (error) {
      logger?.debug({ err: error }, 'the database file cannot be watched; changes are looked for each second');
    }
  };

  changed();
  startWatching();
  const poll = setInterval(() => {
    if (!watcher) startWatching();
    tell();
  }, POLL_MS).unref();

  return {
    subscribe: (listener) => {
      const entry = () => listener();
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    close: () => {
      closed = true;
      clearInterval(poll);
      clearTimeout(timer);
      clearTimeout(later);
      unwatch();
      listeners.clear();
      database.close();
    },
  };
};

const open = (path: string): Database => {
  try {
    return new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
  } catch (error) {
    throw new PortError('unavailable', `${path} can't be watched for changes: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};
