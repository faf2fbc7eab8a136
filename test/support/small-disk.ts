import { execFile } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of a test's own that can be full, or read-only. */
export interface SmallDisk {
  /** Leaves no room on it. */
  fill(): void;
  /** Takes away what `fill` has put there. */
  makeRoom(): void;
  /** Nobody may have a file of it open for writing. */
  makeReadOnly(): Promise<void>;
  makeWritable(): Promise<void>;
  /** Also while files of it are open: a test that failed leaves none behind. */
  unmount(): Promise<void>;
}

/**
 * Mounts a disk of `bytes` at `path`, which it makes; undefined where this user may not mount one, by itself or by
 * `sudo` without a password.
 */
export const mountSmallDisk = async (path: string, bytes: number): Promise<SmallDisk | undefined> => {
  mkdirSync(path, { recursive: true });
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0},mode=700`;
  const as = await firstThatWorks([[], ['sudo', '-n']], (prefix) => [
    ...prefix,
    'mount',
    '-t',
    'tmpfs',
    '-o',
    `size=${bytes},${owner}`,
    'kept-test',
    path,
  ]);
  if (!as) return undefined;
  const ask = async (...command: string[]): Promise<void> => {
    const [program = '', ...args] = [...as, ...command];
    await run(program, args);
  };
  const ballast = join(path, 'ballast');
  return {
    fill: () => {
      const file = openSync(ballast, 'w');
      for (const size of [1 << 20, 1 << 12]) while (write(file, size));
      closeSync(file);
    },
    makeRoom: () => rmSync(ballast),
    makeReadOnly: () => ask('mount', '-o', 'remount,ro', path),
    makeWritable: () => ask('mount', '-o', 'remount,rw', path),
    unmount: () => ask('umount', '--lazy', path),
  };
};

/** Whether all of it was written. */
const write = (file: number, size: number): boolean => {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return false;
    throw error;
  }
};

const firstThatWorks = async <T>(candidates: readonly T[], command: (candidate: T) => readonly string[]): Promise<T | undefined> => {
  for (const candidate of candidates) {
    const [program = '', ...args] = command(candidate);
    const works = await run(program, args).then(
      () => true,
      () => false,
    );
    if (works) return candidate;
  }
  return undefined;
};

/** While `held`, each write of that process to a file fails, as it does on a disk that is broken or read-only. */
export const holdWrites = async (pid: number, held: boolean): Promise<void> => {
  await run('prlimit', ['--pid', String(pid), `--fsize=${held ? 0 : 'unlimited'}:`]);
};
