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

/** The text of a file that must be there, or why there is none. What a folder lists and is not there is a link. */
export const readEntry = (
  path: string,
  { named, isListed }: { readonly named: string; readonly isListed: boolean },
  sources: ConfigSources,
): Result<string, readonly ConfigProblem[]> => {
  const text = readText(path, named, sources);
  if (!text.ok) return err([text.error]);
  if (text.value !== undefined) return ok(text.value);
  return err([isListed ? leadsNowhere(named) : error(named, 'is missing', 'write it, or remove its folder')]);
};

export const leadsNowhere = (named: string): ConfigProblem =>
  error(named, 'is a link that leads nowhere', 'correct the link, or remove it');
