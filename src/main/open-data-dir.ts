import { accessSync, constants, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../ports/index.ts';
import { dataFiles, logsPath } from './data-dir.ts';

/** A setting can't be used on this machine: a configuration error. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Creates the data directory, for its owner only, if it is missing. Creates each level by itself: a recursive `mkdir`
 * never returns below `/proc`.
 */
export const openDataDir = (dataDir: string): void => {
  try {
    for (const path of missingOf(dataDir)) mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    throw new SettingsError(`KEPT_DATA_DIR: ${faultOf(dataDir, error)}: ${HINT}.`);
  }
  const fault = findDataDirFault(dataDir);
  if (fault) throw new SettingsError(`KEPT_DATA_DIR: ${fault.problem}: ${fault.hint}.`);
};

/** Why the data directory can't be written or created. Undefined if no problem is found. Creates nothing. */
export const findDataDirFault = (dataDir: string): { readonly problem: string; readonly hint: string } | undefined => {
  const [first] = missingOf(dataDir);
  try {
    requireWritable(first === undefined ? dataDir : dirname(first));
  } catch (error) {
    return { problem: faultOf(dataDir, error), hint: HINT };
  }
  const logs = logsPath(dataDir);
  for (const path of [logs, ...dataFiles(dataDir)]) {
    try {
      // A dangling link counts as present.
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) continue;
      accessSync(path, constants.R_OK | constants.W_OK);
    } catch (error) {
      return {
        problem: `${path} can't be written (${reasonOf(error)})`,
        hint: 'give it to the user that Kept runs as, with `chmod u+rw`, or correct where it links to',
      };
    }
    const isDirectory = statSync(path).isDirectory();
    if (isDirectory !== (path === logs)) return { problem: `${path} is ${isDirectory ? 'a' : 'no'} directory`, hint: 'move it away' };
  }
  return undefined;
};

const HINT = 'name one that can be made or written';

const faultOf = (dataDir: string, error: unknown): string => `${dataDir} can't be used as the data directory (${reasonOf(error)})`;

/** The missing parts of a path, outermost first. */
const missingOf = (dataDir: string): readonly string[] => {
  const missing: string[] = [];
  for (let path = dataDir; !existsSync(path); path = dirname(path)) missing.unshift(path);
  return missing;
};

const requireWritable = (directory: string): void => {
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`);
  accessSync(directory, constants.W_OK | constants.X_OK);
};
