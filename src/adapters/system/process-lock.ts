import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3-13';
import { isPortError, PortError, reasonOf } from '../../ports/index.ts';

/** The holder of a lock, as far as it says who it is. */
export interface LockHolder {
  readonly pid: number;
  /** ms since 1970. */
  readonly startedAt: number;
}

export interface ProcessLock {
  release(): Promise<void>;
}

/** Another live process holds the lock. */
export class ProcessLockHeldError extends Error {
  override readonly name = 'ProcessLockHeldError';
  readonly code = 'lock/held';
  readonly pid: number;

  constructor(role: string, dir: string, pid: number) {
    super(`${role} is running on ${dir} already (PID ${pid})`);
    this.pid = pid;
  }
}

export const isLockHeld = (error: unknown): error is ProcessLockHeldError =>
  error instanceof Error && 'code' in error && error.code === 'lock/held';

/**
 * Longer than a process that only asks holds the lock, and too short for a person who starts a second process to
 * notice.
 */
const PROBE_PATIENCE_MS = 300;
/** How long a holder may take to write its process id. */
const NAME_PATIENCE_MS = 2_000;

/**
 * Takes the lock `<role>.lock` in `dir` for as long as this process lives: the operating system gives it back however
 * the process ends. `<role>.pid` beside it holds the process id and, on a second line, when it started. Throws
 * ProcessLockHeldError when another process holds it, PortError `unavailable` when `dir` can't be written.
 */
export const acquireProcessLock = async (dir: string, role: string): Promise<ProcessLock> => {
  try {
    await mkdir(dir, { recursive: true });
    const database = await lock(dir, role);
    return {
      release: async () => {
        // First the text, then the lock: the other way round it might be the next holder's text.
        await rm(pidPath(dir, role), { force: true });
        database.close();
      },
    };
  } catch (error) {
    throw isLockHeld(error) || isPortError(error)
      ? error
      : unavailable(`${lockPath(dir, role)} can't be locked: ${reasonOf(error)}`, error);
  }
};

/**
 * The current holder of the lock; undefined if there is none. Asks the lock itself: a process id may belong to another
 * process by now.
 */
export const readProcessLock = async (dir: string, role: string): Promise<LockHolder | undefined> => {
  const deadline = performance.now() + NAME_PATIENCE_MS;
  while (isHeld(lockPath(dir, role))) {
    const holder = await readPid(dir, role);
    if (holder) return holder;
    if (performance.now() > deadline)
      throw unavailable(`${lockPath(dir, role)} is held by a process, and ${pidPath(dir, role)} does not say which it is`);
    await delay(5);
  }
  return undefined;
};

/**
 * The roles whose lock a live process holds, in alphabetical order. Sweeps away what dead ones have left behind, unless
 * told to only look. Rejects with PortError `unavailable` where `dir` or a lock can't be looked at.
 */
export const listProcessLocks = async (
  dir: string,
  { sweeps = true }: { readonly sweeps?: boolean } = {},
): Promise<readonly (LockHolder & { readonly role: string })[]> => {
  const live: (LockHolder & { role: string })[] = [];
  try {
    for (const name of (await entriesOf(dir)).filter((entry) => entry.endsWith('.lock')).sort()) {
      const role = name.slice(0, -'.lock'.length);
      const holder = await readProcessLock(dir, role);
      if (holder) live.push({ role, ...holder });
      else if (sweeps) sweep(dir, role);
    }
  } catch (error) {
    throw isPortError(error) ? error : unavailable(`what runs on ${dir} can't be looked at: ${reasonOf(error)}`, error);
  }
  return live;
};

/** The last holder of the lock, where it has ended without releasing it. Changes nothing. */
export const readDeadHolder = async (dir: string, role: string): Promise<LockHolder | undefined> => {
  const holder = await readPid(dir, role);
  if (!holder || isHeld(lockPath(dir, role))) return undefined;
  // One that has just released it took its text away before.
  return (await readPid(dir, role))?.pid === holder.pid ? holder : undefined;
};

/** The text of a holder that has ended without removing it; `hasLock`: its lock, which nobody holds, is there too. */
export interface DeadLock {
  readonly role: string;
  readonly hasLock: boolean;
}

/** Changes nothing. A lock without a text is what an ordinary end leaves, and is not told. */
export const findDeadLocks = async (dir: string): Promise<readonly DeadLock[]> => {
  try {
    const names = new Set(await entriesOf(dir));
    const roles = [...names].flatMap((name) => /^(.+)\.pid$/.exec(name)?.[1] ?? []);
    return roles
      .sort()
      .filter((role) => !isHeld(lockPath(dir, role)))
      .map((role) => ({ role, hasLock: names.has(`${role}.lock`) }));
  } catch (error) {
    throw unavailable(`what is left on ${dir} can't be looked at: ${reasonOf(error)}`, error);
  }
};

/**
 * Removes the lock of a process that has ended, the text beside it, and those further files, while it is locked.
 * Throws ProcessLockHeldError where a process holds it by now.
 */
export const removeDeadLock = async (dir: string, role: string, further: readonly string[] = []): Promise<void> => {
  const database = exclusive(lockPath(dir, role));
  if (!database) throw new ProcessLockHeldError(role, dir, (await readProcessLock(dir, role))?.pid ?? 0);
  for (const path of [...further, pidPath(dir, role), lockPath(dir, role)]) rmSync(path, { force: true });
  database.close();
};

const unavailable = (message: string, cause?: unknown) => new PortError('unavailable', message, { retryable: false, cause });
const lockPath = (dir: string, role: string) => join(dir, `${role}.lock`);
const pidPath = (dir: string, role: string) => join(dir, `${role}.pid`);

const lock = async (dir: string, role: string): Promise<Database> => {
  const path = lockPath(dir, role);
  const patience = performance.now() + PROBE_PATIENCE_MS;
  const draft = `${pidPath(dir, role)}.${randomUUID()}`;
  try {
    await writeFile(draft, `${process.pid}\n${new Date().toISOString()}\n`, { mode: 0o600 });
    for (;;) {
      createPrivately(path);
      const inode = inodeOf(path);
      const database = exclusive(path);
      // If the file was removed between opening and locking, the lock would be on a file that nobody else can find.
      if (database && inode !== undefined && inode === inodeOf(path)) return named(database, draft, pidPath(dir, role));
      database?.close();
      if (!database && performance.now() > patience) {
        const holder = await readProcessLock(dir, role);
        if (holder) throw new ProcessLockHeldError(role, dir, holder.pid);
      }
      await delay(5);
    }
  } finally {
    await rm(draft, { force: true });
  }
};

/**
 * In the same breath as the lock: until then the text is that of the last holder, whose process id may be a stranger's
 * by now.
 */
const named = (database: Database, draft: string, pid: string): Database => {
  try {
    renameSync(draft, pid);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

/**
 * SQLite's own lock on an empty database file. POSIX locks end when the process closes any descriptor of the file,
 * so nothing here ever opens an existing lock file except through SQLite, which knows.
 */
const exclusive = (path: string): Database | undefined => {
  const database = new Database(path, { timeout: 0 });
  try {
    // Nothing is ever written: no journal file, then, to be left behind.
    database.pragma('journal_mode = MEMORY');
    database.pragma('locking_mode = EXCLUSIVE');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
};

const isHeld = (path: string): boolean => {
  if (inodeOf(path) === undefined) return false;
  const database = new Database(path, { timeout: 0, fileMustExist: true });
  try {
    // A shared lock: any number of processes may take it, so that askers don't block each other.
    database.exec('SELECT name FROM sqlite_master');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    database.close();
  }
};

/** If the file can't be removed (a read-only disk, another user's directory), it stays; nobody holds it. */
const sweep = (dir: string, role: string): void => {
  try {
    accessSync(dir, constants.W_OK);
  } catch {
    return;
  }
  const database = exclusive(lockPath(dir, role));
  if (!database) return;
  for (const path of [pidPath(dir, role), lockPath(dir, role)]) rmSync(path, { force: true });
  database.close();
};

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_BUSY');

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

const createPrivately = (path: string): void => {
  try {
    closeSync(openSync(path, 'ax', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
};

/** Undefined also where the file names no process: somebody else has written into it. */
const readPid = async (dir: string, role: string): Promise<LockHolder | undefined> => {
  const text = await absentAsUndefined(readFile(pidPath(dir, role), 'utf8'));
  const [number = '', time = ''] = text?.split('\n') ?? [];
  const pid = Number(number);
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  const startedAt = Date.parse(time);
  return { pid, startedAt: Number.isNaN(startedAt) ? changedAt(pidPath(dir, role)) : startedAt };
};

const changedAt = (path: string): number => Math.round(statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());

const entriesOf = async (dir: string): Promise<readonly string[]> => (await absentAsUndefined(readdir(dir))) ?? [];

const absentAsUndefined = async <T>(reading: Promise<T>): Promise<T | undefined> => {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
