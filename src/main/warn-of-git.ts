import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { printError } from './failures.ts';

/** Where Git would take the file up. Outside of a repository, and without Git, there is nothing to say. */
export const warnOfGit = (path: string): void => {
  const { status } = spawnSync('git', ['check-ignore', '-q', '--', path], { cwd: dirname(path), timeout: 5_000, stdio: 'ignore' });
  if (status === 1) printError(`warning: Git does not ignore ${path}, and it holds keys: add it to .gitignore.`);
};
