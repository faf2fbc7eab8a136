import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../../ports/index.ts';
import type { LockHolder } from './process-lock.ts';

/**
 * Why the process with that PID may not be the one that holds the lock. Undefined if it is. A PID is a number that
 * anybody can write into a file, and in another container it names another process.
 */
export const findStranger = (dir: string, role: string, holder: LockHolder): string | undefined => {
  if (!Number.isSafeInteger(holder.pid) || holder.pid < 1) return `${role}.pid names no process`;
  return existsSync('/proc/self/fd') ? findByOpenFile(join(dir, `${role}.lock`), holder.pid) : findByStart(holder);
};

/**
 * Whether the process that holds the lock is suspended (Ctrl-Z, SIGSTOP): it does nothing until SIGCONT. Known only on
 * Linux.
 */
export const isPaused = (dir: string, role: string, holder: LockHolder): boolean => {
  if (findStranger(dir, role, holder) !== undefined) return false;
  try {
    // Behind the name, which may hold anything: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    return /\) T [^)]*$/.test(readFileSync(`/proc/${holder.pid}/stat`, 'utf8'));
  } catch {
    // Another system, or it has just ended.
    return false;
  }
};

/** Why nothing can be sent to it. */
export const OTHER_USER = 'it belongs to another user: run this as that user, or with `sudo`';

/** On Linux, the holder of the lock has its file open. */
const findByOpenFile = (lock: string, pid: number): string | undefined => {
  const wanted = statSync(lock, { throwIfNoEntry: false });
  const descriptors = `/proc/${pid}/fd`;
  try {
    const isOpen = readdirSync(descriptors).some((name) => isSame(wanted, statQuietly(join(descriptors, name))));
    return isOpen ? undefined : `it is not the process that holds ${lock}`;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT')
      return `no such process is seen here, though ${lock} is held: it runs in another container, or on another machine`;
    if (code === 'EACCES' || code === 'EPERM') return OTHER_USER;
    return `it can't be looked at (${reasonOf(error)})`;
  }
};

/** The time that `ps` tells is in whole seconds. */
const ROUNDING_MS = 2_000;

/** Elsewhere: it must have begun before the lock was taken. */
const findByStart = ({ pid, startedAt }: LockHolder): string | undefined => {
  try {
    const began = Date.parse(execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C' } }).trim());
    return began <= startedAt + ROUNDING_MS ? undefined : 'it began after the lock was taken';
  } catch (error) {
    return `it can't be looked at (${reasonOf(error)})`;
  }
};

const isSame = (one: Stats | undefined, other: Stats | undefined): boolean =>
  one !== undefined && one.ino === other?.ino && one.dev === other.dev;

/** A descriptor may be closed meanwhile. */
const statQuietly = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
};
