import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';

/** A directory or a process that must not outlive this process; not kept any more when it is gone. */
export interface Kept {
  readonly what: string | number;
  readonly isKept: boolean;
}

const MEGABYTE = 1024 ** 2;

/** Throws one sentence when the temporary directory can't be used, or has less room than that. */
export const assertRoom = (megabytes: number): void => {
  const place = tmpdir();
  const remedy = 'Set TMPDIR to a directory that you may write to; all tests together need 500 MB.';
  let room: number;
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(place);
    room = Math.floor((bavail * bsize) / MEGABYTE);
  } catch (error) {
    throw new Error(`The temporary directory ${place} can't be used (${(error as NodeJS.ErrnoException).code}). ${remedy}`);
  }
  if (room < megabytes) throw new Error(`The temporary directory ${place} has room for ${room} MB. ${remedy}`);
};

let keeper: ChildProcess | undefined;

const startKeeper = (): ChildProcess => {
  const child = fork(new URL('./keeper-process.ts', import.meta.url), {
    cwd: parse(process.cwd()).root,
    env: {},
    execArgv: [],
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // Nobody waits for it: it ends with its parent.
  child.unref();
  child.channel?.unref();
  return child;
};

const tell = (kept: Kept): void => {
  keeper ??= startKeeper();
  keeper.send(kept);
};

/** A new directory for temporary files that only this user may write to. It goes with this process at the latest. */
export const takeDirectory = (name: string, place = tmpdir()): string => {
  const directory = mkdtempSync(join(place, `kept-${name}-`));
  tell({ what: directory, isKept: true });
  return directory;
};

export const removeDirectory = (directory: string): void => {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  tell({ what: directory, isKept: false });
};

/** Has a process end with this one at the latest, by SIGQUIT. */
export const endWithUs = (child: ChildProcess): void => {
  const { pid } = child;
  if (pid === undefined) return;
  tell({ what: pid, isKept: true });
  child.once('exit', () => tell({ what: pid, isKept: false }));
};

/** The same for a process of which only that is known. */
export const endPidWithUs = (pid: number, ended: Promise<unknown>): void => {
  tell({ what: pid, isKept: true });
  void ended.then(() => tell({ what: pid, isKept: false }));
};

/** Resolves when nothing is kept any more, and what was left of it is gone. */
export const releaseAll = async (): Promise<void> => {
  const ending = keeper;
  keeper = undefined;
  if (!ending?.connected) return;
  const exited = once(ending, 'exit');
  ending.ref();
  ending.disconnect();
  await exited;
};
