import { accessSync, constants, existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../ports/index.ts';
import { dataFiles, logsPath } from './data-dir.ts';

/** A setting can't be used on this machine: a matter of configuration, not of this run. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Makes the data directory, for its owner alone, where it is missing. Each level by itself: a recursive `mkdir` never
 * ends below `/proc`.
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

/**
 * What keeps the data directory from being written, or from being made; undefined where nothing is seen. Makes nothing.
 */
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
      // Also a link that leads nowhere is there.
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

/** What there is not of a path, outermost first. */
const missingOf = (dataDir: string): readonly string[] => {
  const missing: string[] = [];
  for (let path = dataDir; !existsSync(path); path = dirname(path)) missing.unshift(path);
  return missing;
};

const requireWritable = (directory: string): void => {
  if (!statSync(directory).isDirectory()) throw new Error(`${directory} is not a directory`);
  accessSync(directory, constants.W_OK | constants.X_OK);
};
