import Database from 'better-sqlite3-13';
import { type EngineNotices, PortError, reasonOf } from '../../ports/index.ts';

export interface DataVersion {
  /** Whether any connection has committed since the last call; true if that can't be told. */
  hasChanged(): boolean;
  close(): void;
}

/** SQLite's `data_version` of the database at `path`. Throws PortError `unavailable` if there is no such database. */
export const openDataVersion = (path: string, notice?: EngineNotices): DataVersion => {
  const database = open(path);
  const version = database.prepare('PRAGMA data_version').pluck();
  let last: unknown;
  const hasChanged = (): boolean => {
    try {
      const current = version.get();
      if (current === last) return false;
      last = current;
    } catch (error) {
      notice?.('version-unread', { err: error });
    }
    return true;
  };
  hasChanged();
  return {
    hasChanged,
    close: () => {
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
