import { type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Config } from '../../config/index.ts';

/** Configuration files that changed after a process, which started at `startedAt` (ms since 1970), had read them. */
export const changedSince = (
  startedAt: number,
  { workspaceConfigPath, mcp }: Pick<Config, 'workspaceConfigPath'> & { readonly mcp: Pick<Config['mcp'], 'path'> },
  cwd = process.cwd(),
): readonly string[] =>
  [join(cwd, '.env'), workspaceConfigPath, mcp.path]
    .filter((path) => (statQuietly(path)?.mtimeMs ?? 0) > startedAt)
    .map((path) => (relative(cwd, path).startsWith('..') ? path : relative(cwd, path)));

/** What to do about the changed files. */
export const staleWords = (files: readonly string[], pid: number): string =>
  `${files.join(' and ')} changed after PID ${pid} started: restart it to use the change.`;

/** A file that can't be examined (a loop of links, for example) is reported as a configuration error elsewhere. */
const statQuietly = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};
