import { errorCode } from '../../domain/shared/error-code.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import { type ConfigProblem, error } from '../problems.ts';
import type { ConfigSources } from '../sources.ts';

const cannotRead = (place: string, thrown: unknown): ConfigProblem =>
  error(place, `can't be read (${errorCode(thrown) ?? 'unknown reason'})`, 'check what it is, and who may read it');

/** What a folder holds, by name; nothing if it does not exist. */
export const readFolder = (
  directory: string,
  named: string,
  { listDirectory }: ConfigSources,
): { readonly entries: readonly string[]; readonly problems: readonly ConfigProblem[] } => {
  try {
    return { entries: [...(listDirectory?.(directory) ?? [])].filter((name) => !name.startsWith('.')).sort(), problems: [] };
  } catch (thrown) {
    return { entries: [], problems: [cannotRead(named, thrown)] };
  }
};

/** The text of a file, or why there is none. */
export const readText = (path: string, named: string, { readFile, kindOf }: ConfigSources): Result<string, readonly ConfigProblem[]> => {
  // To read a pipe would wait for ever.
  if (kindOf(path) === 'other') return err([error(named, 'is not a regular file', 'put a file in its place, or remove it')]);
  try {
    const text = readFile(path);
    return text === undefined ? err([error(named, 'is missing', 'write it, or remove its folder')]) : ok(text);
  } catch (thrown) {
    return err([cannotRead(named, thrown)]);
  }
};
