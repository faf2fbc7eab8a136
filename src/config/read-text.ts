import { errorCode } from '../domain/shared/error-code.ts';
import { err, ok, type Result } from '../domain/shared/result.ts';
import { type ConfigProblem, error } from './problems.ts';
import type { ConfigSources } from './sources.ts';

/** The problem of a file or directory that can't be read; `named` is how problems name it. */
export const cannotRead = (named: string, thrown: unknown): ConfigProblem =>
  error(named, `can't be read (${errorCode(thrown) ?? 'unknown reason'})`, 'check what it is, and who may read it');

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
