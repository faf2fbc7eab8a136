import { errorCode } from '../domain/shared/error-code.ts';
import { err, ok, type Result } from '../domain/shared/result.ts';
import { type ConfigProblem, error } from './problems.ts';
import type { ConfigSources } from './sources.ts';

/** The problem of a file or directory that can't be read; `named` is how problems name it. */
export const cannotRead = (named: string, thrown: unknown): ConfigProblem =>
  error(named, `can't be read${whyUnread(errorCode(thrown))}`, 'check what it is, and who may read it');

/** More is no configuration, but a mistake: it is not read. */
export const MAX_FILE_BYTES = 64 * 1024 ** 2;

const whyUnread = (code = 'unknown reason'): string => {
  const words = UNREAD[code];
  return words === undefined ? ` (${code})` : `: ${words} (${code})`;
};

const UNREAD: Readonly<Record<string, string>> = {
  EACCES: 'the user that Kept runs as may not',
  EPERM: 'the user that Kept runs as may not',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  ELOOP: 'its links lead in a circle',
  EFBIG: `it is larger than ${MAX_FILE_BYTES / 1024 ** 2} MB`,
  EIO: 'the disk reports an error',
};

/** The text of a file; undefined if it does not exist. */
export const readText = (
  path: string,
  named: string,
  { readFile, kindOf }: Pick<ConfigSources, 'readFile' | 'kindOf'>,
): Result<string | undefined, ConfigProblem> => {
  // To read a pipe would wait for ever.
  if (kindOf(path) === 'other') return err(error(named, 'is not a regular file', 'put a file in its place, or remove it'));
  try {
    return ok(readFile(path));
  } catch (thrown) {
    return err(cannotRead(named, thrown));
  }
};
