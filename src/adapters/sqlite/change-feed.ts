import { makeChangeListeners } from '../../ports/adapter-kit/change-listeners.ts';
import { makeThrottle } from '../../ports/adapter-kit/throttle.ts';
import type { ChangeFeed, EngineNotices } from '../../ports/index.ts';
import { after } from '../sql/timers.ts';
import { openDataVersion } from './data-version.ts';
import { watchWal } from './wal-watch.ts';

/** However much is committed, listeners are called no more often than this. */
const PAUSE_MS = 3;
/**
 * SQLite writes to the file before others can see the commit, and only our storages touch it afterwards. After a write
 * the version is therefore checked again, each time so long after the time before.
 */
const RECHECK_MS = [10, 20, 40, 80, 160];

export interface SqliteChangeFeed extends ChangeFeed {
  close(): void;
}

/**
 * Tells of commits to the SQLite database at `path`, by any process, within milliseconds: an event on its `-wal` file
 * makes the feed check SQLite's `data_version`, and listeners are called only if that has changed. Commits of programs
 * other than Kept may be told a little later. If files can't be watched, the poll each second remains. The database
 * MUST have been opened by a storage before, and this feed MUST be closed before that storage. Throws PortError
 * `unavailable` if there is no database at `path`.
 */
export const makeSqliteChangeFeed = (path: string, notice?: EngineNotices): SqliteChangeFeed => {
  const version = openDataVersion(path, notice);
  let rechecks = 0;
  let cancelRecheck = (): void => undefined;

  /** A change does not end the rechecks: the write may be that of the next commit. */
  const check = (): boolean => {
    cancelRecheck();
    const waitMs = RECHECK_MS[rechecks++];
    if (waitMs !== undefined) cancelRecheck = after(waitMs, throttle.run);
    const changed = version.hasChanged();
    if (changed) listeners.notify();
    return changed;
  };
  const throttle = makeThrottle(after, PAUSE_MS, check);
  const wal = watchWal(
    path,
    () => {
      rechecks = 0;
      throttle.run();
    },
    notice,
  );
  const listeners = makeChangeListeners({ after, onPoll: wal.ensure });

  return {
    subscribe: listeners.subscribe,
    close: () => {
      cancelRecheck();
      throttle.stop();
      wal.close();
      listeners.close();
      version.close();
    },
  };
};
