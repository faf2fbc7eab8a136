import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSqliteQueue } from '../../src/adapters/sqlite/queue.ts';
import { openSqliteStorage, type SqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import type { Storage } from '../../src/ports/index.ts';

export type OpenedStorage = SqliteStorage & Storage & { readonly path: string };

/** The storage at `path` with its queue, as the processes put them together. */
export const openStorage = async (path: string): Promise<OpenedStorage> => {
  const storage = await openSqliteStorage({ path });
  return { ...storage, queue: makeSqliteQueue(storage), path };
};

/** Runs `use` with a directory of its own, and removes it afterwards. */
export const inDirectory = async <T>(use: (dir: string) => Promise<T>): Promise<T> => {
  const dir = await mkdtemp(join(tmpdir(), 'kept-sqlite-'));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

/** Runs `use` with a fresh storage, closes it and removes its file. */
export const withStorage = <T>(use: (storage: OpenedStorage) => Promise<T>): Promise<T> =>
  inDirectory(async (dir) => {
    const storage = await openStorage(join(dir, 'system.db'));
    try {
      return await use(storage);
    } finally {
      await storage.close();
    }
  });

/** A fresh storage for one check of a contract. */
export const openFreshStorage = async (): Promise<{ subject: OpenedStorage; close(): Promise<void> }> => {
  const dir = await mkdtemp(join(tmpdir(), 'kept-sqlite-'));
  const subject = await openStorage(join(dir, 'system.db'));
  return {
    subject,
    close: async () => {
      await subject.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
