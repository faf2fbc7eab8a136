import { chmodSync, closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { errorCode } from '../domain/shared/error-code.ts';
import { CommandError } from './commands/outcome.ts';

/** A link stays a link: what it leads to is written. */
export const realPathOf = (path: string): string => {
  try {
    return realpathSync(path);
  } catch (thrown) {
    if (errorCode(thrown) === 'ENOENT') return path;
    throw thrown;
  }
};

/**
 * The file has all of the new text or all of the old one, whatever happens, and only its owner may read it. Throws
 * CommandError with that code.
 */
export const replaceFile = (path: string, text: string, code: string): void => {
  const draft = `${path}.${process.pid}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    chmodSync(draft, 0o600);
    renameSync(draft, path);
  } catch (thrown) {
    rmSync(draft, { force: true });
    throw new CommandError(`${path} can't be written (${errorCode(thrown) ?? 'unknown reason'})`, code);
  }
};
