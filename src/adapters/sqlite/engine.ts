import type { Engine } from '../../ports/engine.ts';
import { isPortError, PortError } from '../../ports/index.ts';
import { makeSqliteChangeFeed, type SqliteChangeFeed } from './change-feed.ts';
import { makeSqliteQueue } from './queue.ts';
import { copyIfUnwritable } from './readable-copy.ts';
import { openSqliteStorage, type SqliteStorageOptions } from './storage.ts';

export interface SqliteEngineOptions extends SqliteStorageOptions {
  /** Nothing is stored: where files that can't be written can't be read either, a copy is, and removed at the end. */
  readonly readsOnly?: boolean;
}

/** Opens the SQLite engine at `path`, for this process. Throws what `openSqliteStorage` throws. */
export const openSqliteEngine = async ({ readsOnly = false, ...options }: SqliteEngineOptions): Promise<Engine> => {
  try {
    return await engineOver(options);
  } catch (error) {
    const mayHelp = readsOnly && isPortError(error) && error.code === 'unavailable';
    const copy = mayHelp ? await copyIfUnwritable(options.path) : undefined;
    if (!copy) throw error;
    try {
      return await engineOver({ ...options, path: copy.path }, copy.remove);
    } catch (fault) {
      await copy.remove();
      if (!isPortError(fault)) throw fault;
      const { code, retryable, message } = fault;
      throw new PortError(code, message.replaceAll(copy.path, options.path), { retryable, cause: fault });
    }
  }
};

const engineOver = async (options: SqliteStorageOptions, onClosed?: () => Promise<void>): Promise<Engine> => {
  const storage = await openSqliteStorage(options);
  const { name, id, stores, unitOfWork, transcript, state, personalData } = storage;
  let changes: SqliteChangeFeed | undefined;
  let closing: Promise<void> | undefined;
  const closeAll = async (): Promise<void> => {
    changes?.close();
    await storage.close();
    await onClosed?.();
  };
  return {
    storage: { name, id, stores, unitOfWork, queue: makeSqliteQueue(storage), transcript, state },
    personalData,
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
