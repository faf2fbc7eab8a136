import { type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Config } from '../../config/index.ts';

/**
 * Files of the configuration that were changed after a process that began at `startedAt` (ms since 1970) had read them.
 */
export const changedSince = (
  startedAt: number,
  { workspaceConfigPath }: Pick<Config, 'workspaceConfigPath'>,
  cwd = process.cwd(),
): readonly string[] =>
  [join(cwd, '.env'), workspaceConfigPath]
    .filter((path) => (statQuietly(path)?.mtimeMs ?? 0) > startedAt)
    .map((path) => (relative(cwd, path).startsWith('..') ? path : relative(cwd, path)));

/** What to do about them. */
export const staleWords = (files: readonly string[], pid: number): string =>
  `${files.join(' and ')} changed after PID ${pid} started: restart it to use the change.`;

/** What can't even be looked at, such as links in a ring, is an error of the configuration, which is told as such. */
const statQuietly = (path: string): Stats | undefined => {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
};
