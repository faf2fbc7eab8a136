import { QueryFailedError } from 'typeorm';
import { isPortError, PortError } from '../../ports/index.ts';

/**
 * Turns an error of SQLite into a PortError. The cause is the driver's own error, because TypeORM's error carries the
 * statement's parameters, which hold what people wrote. Result codes: https://sqlite.org/rescode.html
 */
export const toPortError = (error: unknown, path: string): PortError => {
  if (isPortError(error)) return error;
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const words = cause instanceof Error ? cause.message : String(cause);
  const failure = (code: PortError['code'], message: string, retryable: boolean) => new PortError(code, message, { retryable, cause });
  const result = codeOf(cause);
  if (isOneOf(result, 'SQLITE_BUSY', 'SQLITE_LOCKED'))
    return failure('unavailable', `${path} is locked by another process: ${words}`, true);
  if (isOneOf(result, 'SQLITE_FULL', 'ENOSPC', 'EDQUOT'))
    return failure('storage-full', `there is no room left for ${path}: ${words}`, true);
  if (isOneOf(result, 'SQLITE_CORRUPT', 'SQLITE_NOTADB')) return damaged(path, words, cause);
  if (isOneOf(result, 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY', 'SQLITE_CONSTRAINT_ROWID'))
    return failure('concurrency', `already stored: ${words}`, true);
  if (isOneOf(result, 'SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_TOOBIG'))
    return failure('invalid-request', `refused by the database: ${words}`, false);
  if (isOneOf(result, 'SQLITE_READONLY', 'SQLITE_CANTOPEN', 'SQLITE_IOERR', 'SQLITE_PERM', 'SQLITE_PROTOCOL'))
    return failure('unavailable', `${path} can't be read or written: ${words}`, true);
  if (/^E[A-Z]+$/.test(result)) return failure('unavailable', `${path} can't be opened: ${words}`, true);
  return failure('unknown', `${path}: ${words}`, false);
};

/** The error for a damaged database file; `words` are SQLite's. */
export const damaged = (path: string, words: string, cause?: unknown): PortError =>
  new PortError('storage-corrupt', `${path} is damaged: ${words}. Replace it with a backup, and move its -wal and -shm files away`, {
    retryable: false,
    cause,
  });

/** Whether another connection held the lock, so that the same statement may succeed in a moment. */
export const isBusy = (error: unknown): boolean => isPortError(error) && isOneOf(codeOf(error.cause), 'SQLITE_BUSY', 'SQLITE_LOCKED');

const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '');

/** An extended code starts with its primary code: `SQLITE_IOERR_WRITE` is a `SQLITE_IOERR`. */
const isOneOf = (code: string, ...primary: readonly string[]): boolean =>
  primary.some((candidate) => code === candidate || code.startsWith(`${candidate}_`));
