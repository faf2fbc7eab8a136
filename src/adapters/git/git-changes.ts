import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFile, lstat, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { present } from '../../domain/shared/present.ts';
import type { ProcessGroups, WorkspaceChanges } from '../../ports/index.ts';

export interface GitChangesOptions {
  /** Ends Git with this process, even if that is killed. Absent: Git goes on to its own end then. */
  readonly groups?: ProcessGroups;
  /** Where the states of directories are kept for a while. Absolute; made if it is missing. */
  readonly scratch: string;
  /** The longest that one look at a directory may take. Default: 30 seconds. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_LENGTH = 1024 ** 2;
const GRACE_MS = 500;
/** No run takes so long. */
const OLD_MS = 3 * 24 * 60 * 60_000;
const MAX_STATES = 1_000;

/**
 * Tells changes by Git, without the repository's own settings: a directory of Kept's stands in for `.git`, with its own
 * index and objects, so that no hook, filter, external diff or file watch of the repository runs, and nothing in it
 * changes. What the repository has stored is read from it, which spares copies. A directory has one state at a time: a
 * new one takes the place of what a killed process has left.
 */
export const makeGitChanges = ({ scratch, groups, timeoutMs = TIMEOUT_MS }: GitChangesOptions): WorkspaceChanges => ({
  async remember(directory, signal) {
    const repository = join(directory, '.git');
    if (!(await exists(repository))) return undefined;
    const own = join(scratch, stateOf(directory));
    const git = (until: AbortSignal, ...args: readonly string[]): Promise<string> =>
      outputOfGit(args, { cwd: directory, signal: AbortSignal.any([until, AbortSignal.timeout(timeoutMs)]), ...present({ groups }) });
    const here = ['--git-dir', own, '--work-tree', directory];
    const tree = async (until: AbortSignal): Promise<string> => {
      await git(until, ...here, 'add', '--all', '.');
      return (await git(until, ...here, 'write-tree', '--missing-ok')).trim();
    };
    const end = (): Promise<void> => rm(own, { recursive: true, force: true });
    try {
      await mkdir(scratch, { recursive: true, mode: 0o700 });
      await removeOld(scratch);
      await end();
      await mkdir(own, { mode: 0o700 });
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

/** The name of the directory that the state of this one is in. */
const stateOf = (directory: string): string => `state-${createHash('sha256').update(directory).digest('hex').slice(0, 32)}`;

/** Removes states of killed processes in whose directory nobody has worked since. What can't be removed stays. */
const removeOld = async (scratch: string): Promise<void> => {
  const before = Date.now() - OLD_MS;
  for (const name of (await readdir(scratch)).filter((each) => each.startsWith('state-')).slice(0, MAX_STATES)) {
    const found = await lstat(join(scratch, name)).catch(() => undefined);
    if (found && found.mtimeMs < before) await rm(join(scratch, name), { recursive: true, force: true }).catch(() => undefined);
  }
};

/** What Git prints. It leads a group of its own, which ends with this process. Rejects where it fails or is ended. */
const outputOfGit = async (
  args: readonly string[],
  { cwd, signal, groups }: { readonly cwd: string; readonly signal: AbortSignal; readonly groups?: ProcessGroups },
): Promise<string> => {
  const child = spawn('git', [...HARDENED, ...args], {
    cwd,
    env: ENVIRONMENT,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_OUTPUT_LENGTH) child.kill('SIGKILL');
  });
  const ended = once(child, 'close');
  const guarded = child.pid === undefined ? undefined : groups?.guard(child.pid, GRACE_MS);
  try {
    const [[code]] = (await Promise.all([ended, guarded])) as [[number | null], unknown];
    if (code !== 0) throw new Error(`git ended with ${code === null ? 'a signal' : `exit code ${code}`}`);
    return output;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    (await guarded?.catch(() => undefined))?.();
  }
};

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
