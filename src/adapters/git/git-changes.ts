import { execFile } from 'node:child_process';
import { copyFile, lstat, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { WorkspaceChanges } from '../../ports/index.ts';

export interface GitChangesOptions {
  /** Where the states of directories are kept for a while. Absolute; made if it is missing. */
  readonly scratch: string;
  /** The longest that one look at a directory may take. Default: 30 seconds. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 1024 ** 2;

/**
 * Tells changes by Git, without the repository's own settings: a directory of Kept's stands in for `.git`, with its own
 * index and objects, so that no hook, filter, external diff or file watch of the repository runs, and nothing in it
 * changes. What the repository has stored is read from it, which spares copies.
 */
export const makeGitChanges = ({ scratch, timeoutMs = TIMEOUT_MS }: GitChangesOptions): WorkspaceChanges => ({
  async remember(directory, signal) {
    const repository = join(directory, '.git');
    if (!(await exists(repository))) return undefined;
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const own = await mkdtemp(join(scratch, 'state-'));
    const git = async (until: AbortSignal, ...args: readonly string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)('git', [...HARDENED, ...args], {
        cwd: directory,
        env: ENVIRONMENT,
        signal: AbortSignal.any([until, AbortSignal.timeout(timeoutMs)]),
        killSignal: 'SIGKILL',
        maxBuffer: MAX_OUTPUT_BYTES,
      });
      return stdout;
    };
    const here = ['--git-dir', own, '--work-tree', directory];
    const tree = async (until: AbortSignal): Promise<string> => {
      await git(until, ...here, 'add', '--all', '.');
      return (await git(until, ...here, 'write-tree', '--missing-ok')).trim();
    };
    const end = (): Promise<void> => rm(own, { recursive: true, force: true });
    try {
      await git(signal, 'init', '--quiet', '--bare', own);
      await borrow(repository, own);
      const before = await tree(signal);
      return {
        end,
        since: async (until) => {
          try {
            const shown = ['diff', '--stat=100', '--no-color', '--no-ext-diff', '--no-textconv'];
            return await git(until, ...here, ...shown, before, await tree(until));
          } catch {
            return undefined;
          }
        },
      };
    } catch {
      // Too large, or Git is not there: then the changes are not told.
      await end();
      return undefined;
    }
  },
});

/** Shares what the repository has stored, and what its index knows of the files: only changed ones are read. */
const borrow = async (repository: string, own: string): Promise<void> => {
  if (!(await lstat(repository)).isDirectory()) return;
  if (await exists(join(repository, 'objects'))) await writeFile(join(own, 'objects/info/alternates'), `${join(repository, 'objects')}\n`);
  const index = join(repository, 'index');
  if ((await lstat(index).catch(() => undefined))?.isFile()) await copyFile(index, join(own, 'index'));
};

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const HARDENED = [
  ...[
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.hooksPath=/dev/null',
    '-c',
    'core.untrackedCache=false',
    '-c',
    'core.attributesFile=/dev/null',
  ],
  ...[
    '-c',
    'diff.ignoreSubmodules=all',
    '-c',
    'submodule.recurse=false',
    '-c',
    'gc.auto=0',
    '-c',
    'core.symlinks=true',
    '-c',
    'core.bare=false',
  ],
];
const ENVIRONMENT = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ALLOW_PROTOCOL: 'none',
};
