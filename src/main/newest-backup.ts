import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../domain/shared/error-code.ts';

/** Where backups of this data stand. */
export const backupsPath = (dataDir: string): string => join(dataDir, 'backups');

/** When the newest backup of this data was made, in ms since 1970; undefined where there is none. */
export const newestBackup = async (dataDir: string): Promise<number | undefined> => {
  const directory = backupsPath(dataDir);
  const names = await readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  // What begins with a point is not complete yet.
  const times = await Promise.all(
    names.filter((name) => !name.startsWith('.')).map(async (name) => (await stat(join(directory, name))).mtimeMs),
  );
  return times.length === 0 ? undefined : Math.max(...times);
};
