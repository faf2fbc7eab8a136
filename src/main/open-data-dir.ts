import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../ports/index.ts';

/** The data directory can't be used: a matter of configuration, not of this run. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/** Makes the data directory, for its owner alone, where it is missing. Each level by itself: a recursive `mkdir` never ends below `/proc`. */
export const openDataDir = (dataDir: string): void => {
  try {
    for (const path of missingOf(dataDir)) mkdirSync(path, { mode: 0o700 });
    requireWritable(dataDir);
  } catch (error) {
    throw new DataDirError(`KEPT_DATA_DIR: ${faultOf(dataDir, error)}: ${HINT}.`);
  }
};

/** What keeps the data directory from being written, or from being made; undefined where nothing is seen. Makes nothing. */
export const findDataDirFault = (dataDir: string): { readonly problem: string; readonly hint: string } | undefined => {
  const [first] = missingOf(dataDir);
  try {
    requireWritable(first === undefined ? dataDir : dirname(first));
    return undefined;
  } catch (error) {
    return { problem: faultOf(dataDir, error), hint: HINT };
  }
};

const HINT = 'name one that can be made or written';

const faultOf = (dataDir: string, error: unknown): string => `${dataDir} can't be used as the data directory (${reasonOf(error)})`;

/** What there is not of a path, outermost first. */
const missingOf = (dataDir: string): readonly string[] => {
  const missing: string[] = [];
  for (let path = dataDir; !existsSync(path); path = dirname(path)) missing.unshift(path);
  return missing;
};

const requireWritable = (directory: string): void => {
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is no directory`);
  accessSync(directory, constants.W_OK | constants.X_OK);
};
