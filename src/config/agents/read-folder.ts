import { err, ok, type Result } from '../../domain/shared/result.ts';
import { type ConfigProblem, error } from '../problems.ts';
import { cannotRead, readText } from '../read-text.ts';
import type { ConfigSources } from '../sources.ts';

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

/** The text of a file that must be there, or why there is none. */
export const readEntry = (path: string, named: string, sources: ConfigSources): Result<string, readonly ConfigProblem[]> => {
  const text = readText(path, named, sources);
  if (!text.ok) return err([text.error]);
  return text.value === undefined ? err([error(named, 'is missing', 'write it, or remove its folder')]) : ok(text.value);
};
