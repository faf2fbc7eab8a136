import { accessSync, constants, existsSync, lstatSync, rmSync, type Stats, statSync } from 'node:fs';
import { chmod, copyFile, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { bytesWords } from '../../domain/shared/bytes.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { isProcessAlive } from '../../ports/adapter-kit/process-alive.ts';
import { PortError } from '../../ports/index.ts';
import { toPortError } from './errors.ts';
import { markPath } from './mark.ts';

export interface ReadableCopy {
  readonly path: string;
  remove(): Promise<void>;
}

const MAX_TRIES = 5;

/**
 * A copy of the database, with its WAL and its mark, in a directory for this user alone, where the files can't be
 * written: SQLite writes beside a database that nobody else has opened, even to read it. undefined where they can be
 * written. Rejects with PortError.
 */
export const copyIfUnwritable = async (path: string): Promise<ReadableCopy | undefined> => {
  if (!existsSync(path) || isWritable(path)) return undefined;
  let directory: string | undefined;
  const removeNow = (): void => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  };
  const endBy = (signal: NodeJS.Signals): void => {
    removeNow();
    process.kill(process.pid, signal);
  };
  process.once('exit', removeNow);
  for (const signal of SIGNALS) process.once(signal, endBy);
  const remove = async (): Promise<void> => {
    process.off('exit', removeNow);
    for (const signal of SIGNALS) process.off(signal, endBy);
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  };
  try {
    await removeLeft();
    await requireRoom(path);
    directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
    const copy = join(directory, basename(path));
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const before = stateOf(path);
      for (const fileOf of FILES) await copyOver(fileOf(path), fileOf(copy));
      if (stateOf(path) === before) return { path: copy, remove };
    }
    const words = `${path} can't be written, and changes too often to be copied: read it as the user that Kept runs as`;
    throw new PortError('unavailable', words, { retryable: true });
  } catch (error) {
    await remove();
    throw noPlace(error, path) ?? toPortError(error, path);
  }
};

/** Where it is the place of the copy that can't be used; undefined where it is the database. */
const noPlace = (error: unknown, path: string): PortError | undefined => {
  const code = errorCode(error);
  const isOfPlace = error instanceof Error && 'syscall' in error && ['scandir', 'statfs', 'mkdtemp'].includes(`${error.syscall}`);
  if (code === undefined || !(isOfPlace || ['ENOSPC', 'EDQUOT', 'EROFS'].includes(code))) return undefined;
  const words = `${path} can't be written, and no copy of it can be made in ${tmpdir()} (${code}): set TMPDIR to a place with room, where this user may write`;
  return new PortError('unavailable', words, { retryable: false, cause: error });
};

const PREFIX = 'kept-copy-';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Removes the copies of processes of this user that were killed: each holds every conversation. */
const removeLeft = async (): Promise<void> => {
  for (const name of await readdir(tmpdir())) {
    const [, pid] = /^kept-copy-(\d+)-/.exec(name) ?? [];
    const directory = join(tmpdir(), name);
    if (pid === undefined || isProcessAlive(Number(pid))) continue;
    if (lstatSync(directory, { throwIfNoEntry: false })?.uid === process.getuid?.()) await rm(directory, { recursive: true, force: true });
  }
};

const requireRoom = async (path: string): Promise<void> => {
  const needed = FILES.reduce((sum, fileOf) => sum + (stat(fileOf(path))?.size ?? 0), 0);
  const { bavail, bsize } = await statfs(tmpdir());
  if (bavail * bsize > needed) return;
  const words = `${path} can't be written, and ${tmpdir()} has no room for a copy of ${bytesWords(needed)}: set TMPDIR to a place that has`;
  throw new PortError('unavailable', words, { retryable: false });
};

const copyOver = async (from: string, to: string): Promise<void> => {
  await rm(to, { force: true });
  if (!stat(from)) return;
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, 0o600);
};

const walOf = (path: string): string => `${path}-wal`;
const FILES = [(path: string): string => path, walOf, markPath];
const stat = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** Another one after each commit and each checkpoint. */
const stateOf = (path: string): string =>
  [path, walOf(path)].map((file) => [stat(file)?.ino, stat(file)?.size, stat(file)?.mtimeMs].join()).join(' ');

const isWritable = (path: string): boolean => {
  try {
    for (const file of [dirname(path), path, walOf(path), `${path}-shm`]) if (stat(file)) accessSync(file, constants.W_OK);
    return true;
  } catch {
    // It may not even be readable: whoever opens it says why.
    return false;
  }
};
