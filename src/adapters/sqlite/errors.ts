import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { QueryFailedError } from 'typeorm';
import { commandHint } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError, PortError } from '../../ports/index.ts';

/**
 * Turns an error of SQLite, or of the file system below it, into a PortError that says what to do about it. The cause
 * is the driver's own error, because TypeORM's error carries the statement's parameters, which hold what people wrote.
 * Result codes: https://sqlite.org/rescode.html
 */
export const toPortError = (error: unknown, path: string): PortError => {
  if (isPortError(error)) return error;
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const words = cause instanceof Error ? cause.message : String(cause);
  const failure = (code: PortError['code'], message: string, retryable: boolean, help?: string) =>
    new PortError(code, message, { retryable, cause, ...present({ help }) });
  const result = codeOf(cause);
  if (isOneOf(result, 'SQLITE_BUSY', 'SQLITE_LOCKED'))
    return failure('unavailable', `${path} is locked by another process: ${words}`, true);
  if (
    isOneOf(result, 'SQLITE_FULL', 'ENOSPC', 'EDQUOT') ||
    (isOneOf(result, 'SQLITE_IOERR') && !isOneOf(result, ...READ_ERRORS) && isFull(path))
  )
    return failure('storage-full', `there is no room left for ${path}: ${isErrno(result) ? result : words}`, true, MAKE_ROOM);
  if (isOneOf(result, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) return damaged(path, words, cause);
  if (isOneOf(result, 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID'))
    return failure('concurrency', `already stored: ${words}`, true);
  if (isOneOf(result, 'SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'))
    return failure('invalid-request', `refused by the database: ${words}`, false);
  const known = UNUSABLE.find(({ codes }) => isOneOf(result, ...codes));
  if (known || isErrno(result) || isOneOf(result, 'SQLITE_PROTOCOL')) {
    // Words of the file system name the call and other files.
    const why = [known?.why, isErrno(result) ? `(${result})` : known ? `(${words})` : words].filter(Boolean).join(' ');
    return failure('unavailable', `${path} can't be used: ${why}`, true, known?.help(path));
  }
  return failure('unknown', `${path}: ${words}`, false);
};

/** The smallest file that SQLite makes beside a database: where it does not fit, SQLite tells of an I/O error. */
const SHM_BYTES = 32 * 1024;

/** What is only read needs no room: these are of the disk itself, however full it is. */
const READ_ERRORS = ['SQLITE_IOERR_READ', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_IOERR_FSTAT', 'SQLITE_IOERR_CORRUPTFS', 'SQLITE_IOERR_DATA'];

const isFull = (path: string): boolean => {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < SHM_BYTES;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
};

const MAKE_ROOM = 'make room on its disk: delete old logs and backups, or move KEPT_DATA_DIR to a larger one';

/** What stands in the way of the file, and what to do about it. */
const UNUSABLE: readonly { readonly codes: readonly string[]; readonly why: string; readonly help: (path: string) => string }[] = [
  {
    codes: ['SQLITE_PERM', 'EACCES', 'EPERM'],
    why: 'this user may not read or write it',
    help: (path) => `run the command as the user that Kept runs as, or give that user ${path} and its directory`,
  },
  {
    codes: ['SQLITE_READONLY', 'EROFS'],
    why: 'it can only be read',
    help: (path) => `let the user that Kept runs as write ${path} and its directory, on a disk that is not mounted to be read alone`,
  },
  {
    codes: ['SQLITE_CANTOPEN'],
    why: 'it is no file that this user can open',
    help: (path) => `see that ${dirname(path)} is there and can be written, and that this process may open more files (\`ulimit -n\`)`,
  },
  {
    codes: ['EMFILE', 'ENFILE'],
    why: 'too many files are open',
    help: () => 'raise the limit of open files: `ulimit -n`, or LimitNOFILE of the service',
  },
  {
    codes: ['SQLITE_IOERR', 'EIO'],
    why: 'its disk reports an error',
    help: () => `see what the machine logs of that disk; on another one, ${commandHint('backup restore')} brings the data back`,
  },
];

/** The error for a damaged database file; `words` are SQLite's. */
export const damaged = (path: string, words: string, cause?: unknown): PortError =>
  new PortError('storage-corrupt', `${path} is damaged: ${words}`, {
    retryable: false,
    cause,
    help: `stop Kept, move ${path} and its -wal and -shm away, and bring back a backup: ${commandHint('backup list')} shows them`,
  });

/** Whether another connection held the lock, so that the same statement may succeed in a moment. */
export const isBusy = (error: unknown): boolean => isPortError(error) && isOneOf(codeOf(error.cause), 'SQLITE_BUSY', 'SQLITE_LOCKED');

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

const isErrno = (code: string): boolean => /^E[A-Z0-9]+$/.test(code);

/** An extended code starts with its primary code: `SQLITE_IOERR_WRITE` is a `SQLITE_IOERR`. */
const isOneOf = (code: string, ...primary: readonly string[]): boolean =>
  primary.some((candidate) => code === candidate || code.startsWith(`${candidate}_`));
