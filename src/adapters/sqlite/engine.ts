import type { Engine } from '../../ports/engine.ts';
import { makeSqliteChangeFeed, type SqliteChangeFeed } from './change-feed.ts';
import { makeSqliteQueue } from './queue.ts';
import { openSqliteStorage, type SqliteStorageOptions } from './storage.ts';

/** Opens the SQLite engine at `path`, for this process. Throws what `openSqliteStorage` throws. */
export const openSqliteEngine = async (options: SqliteStorageOptions): Promise<Engine> => {
  const storage = await openSqliteStorage(options);
  const { name, id, stores, unitOfWork, transcript, state } = storage;
  let changes: SqliteChangeFeed | undefined;
  let closing: Promise<void> | undefined;
  const closeAll = (): Promise<void> => {
    changes?.close();
    return storage.close();
  };
  return {
    storage: { name, id, stores, unitOfWork, queue: makeSqliteQueue(storage), transcript, state },
    changes: () => {
      changes ??= makeSqliteChangeFeed(options.path, options.notice);
      return changes;
    },
    startMaintenance: () => Promise.resolve(),
    close: () => {
      closing ??= closeAll();
      return closing;
    },
  };
};
