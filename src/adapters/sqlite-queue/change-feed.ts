import { type FSWatcher, watch } from 'node:fs';
import type { ChangeFeed, Logger } from '../../ports/index.ts';

/** The net beneath: listeners are called this often whatever happens. */
const POLL_MS = 1_000;
/** A commit shows in the file before others can see it: looks after a write, each this long after the one before. */
const LOOKS_MS = [0, 1, 1, 2, 4, 8, 16, 32, 64];

export interface SqliteChangeFeed extends ChangeFeed {
  close(): void;
}

/**
 * Tells of commits to the SQLite database at `path`, by any process, within milliseconds: a write to its `-wal` file makes it look whether
 * `dataVersion` has changed, and only then are listeners called. Where files can't be watched, the poll each second remains.
 * @param dataVersion resolves to `PRAGMA data_version`, on a connection that never writes
 */
export const makeSqliteChangeFeed = ({
  path,
  dataVersion,
  logger,
}: {
  readonly path: string;
  readonly dataVersion: () => Promise<number>;
  readonly logger?: Logger;
}): SqliteChangeFeed => {
  const listeners = new Set<() => void>();
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let looking = false;
  let seen: number | undefined;
  let closed = false;

  const tell = () => {
    for (const listener of [...listeners]) listener();
  };

  const changed = async (): Promise<boolean> => {
    try {
      const version = await dataVersion();
      if (version === seen) return false;
      seen = version;
      return true;
    } catch (error) {
      logger?.debug({ err: error }, 'the database could not be asked for changes; listeners look for themselves');
      return true;
    }
  };

  const look = async (attempt = 0): Promise<void> => {
    if (closed) return;
    if (await changed()) {
      looking = false;
      tell();
      return;
    }
    const wait = LOOKS_MS[attempt + 1];
    looking = wait !== undefined;
    if (wait !== undefined) timer = setTimeout(() => void look(attempt + 1), wait).unref();
  };

  const written = () => {
    if (looking || closed) return;
    looking = true;
    timer = setTimeout(() => void look(), LOOKS_MS[0]).unref();
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
      unwatch();
      listeners.clear();
    },
  };
};
