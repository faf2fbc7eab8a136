import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../ports/index.ts';

/** The data directory can't be used: a matter of configuration, not of this run. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/** Makes the data directory, for its owner alone, where it is missing. Each level by itself: a recursive `mkdir` never ends below `/proc`. */
export const openDataDir = (dataDir: string): void => {
  const missing: string[] = [];
  for (let path = dataDir; !existsSync(path); path = dirname(path)) missing.unshift(path);
  try {
    for (const path of missing) mkdirSync(path, { mode: 0o700 });
    if (!statSync(dataDir).isDirectory()) throw new Error('it is no directory');
  } catch (error) {
    throw new DataDirError(
      `KEPT_DATA_DIR: ${dataDir} can't be used as the data directory (${reasonOf(error)}). Name one that can be made or written.`,
    );
  }
};
