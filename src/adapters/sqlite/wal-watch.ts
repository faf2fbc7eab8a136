import { type FSWatcher, watch } from 'node:fs';
import type { EngineNotices } from '../../ports/index.ts';

export interface WalWatch {
  /** Watches again if the file could not be watched, or was replaced. */
  ensure(): void;
  close(): void;
}

/**
 * Calls `onWrite` whenever something happens to the `-wal` file of the database at `path`. SQLite replaces that file
 * when the last connection closes and another one opens.
 */
export const watchWal = (path: string, onWrite: () => void, notice?: EngineNotices): WalWatch => {
  let watcher: FSWatcher | undefined;
  const close = (): void => {
    watcher?.close();
    watcher = undefined;
  };
  const report = (error: unknown): void => notice?.('file-unwatched', { err: error });
  const ensure = (): void => {
    if (watcher) return;
    try {
      watcher = watch(`${path}-wal`, { persistent: false }, (event) => {
        if (event === 'rename') close();
        onWrite();
      });
      watcher.on('error', (error) => {
        report(error);
        close();
      });
    } catch (error) {
      report(error);
    }
  };
  ensure();
  return { ensure, close };
};
