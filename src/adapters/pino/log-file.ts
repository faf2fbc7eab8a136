import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { errorCode } from '../../domain/shared/error-code.ts';
import { PortError, reasonOf } from '../../ports/port-error.ts';

export interface LogFileOptions {
  /** Absolute; made, with its directory, for its owner alone. */
  readonly path: string;
  /** A file of this size is put aside, as `<path>.1`. */
  readonly maxBytes: number;
  /** A file whose first line is this old is put aside as well. Default: 30 days. */
  readonly maxAgeMs?: number;
  /** Maximum number of files, the current one included. */
  readonly maxFiles: number;
  /** Called when lines begin to be lost. */
  readonly onFault?: (reason: string) => void;
  /** The line that stands where `count` lines are missing. */
  readonly missing?: (count: number, reason: string) => string;
}

/** A file that lines are added to, by any number of processes at once. */
export interface LogFile {
  /** Never throws. The line is with the operating system when this returns, or it is counted as lost. */
  write(line: string): void;
  /** Why the file can't be written at the moment; undefined if the last line was written. */
  fault(): string | undefined;
  close(): void;
}

/** A pipe without a reader, or a full one, fails at once: waiting would stop the whole process. */
const APPEND = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
/** Delay before the next attempt to rotate or reopen the file. */
const RETRY_MS = 250;
/** A process that was killed while it put files aside leaves its claim behind for so long. */
const CLAIM_MS = 10_000;
/** With few files, a quiet installation keeps months of its log. */
const MAX_AGE_MS = 30 * 86_400_000;
/** A line begins with its level and its time. */
const FIRST_BYTES = 256;

/**
 * Opens the log file. Lines are written at once: the last ones before a crash are the ones that matter. No failing disk
 * fails a caller: what could not be written is counted, and the count is written once there is room. Throws PortError
 * `unavailable` when the file can't be opened.
 */
export const openLogFile = (options: LogFileOptions): LogFile => {
  const { path, maxAgeMs = MAX_AGE_MS } = options;
  let file = openFirst(path);
  let own = fstatSync(file);
  let begunAt = beginningOf(path, own);
  let retryAt = 0;
  /** Why the last line was lost. */
  let reason: string | undefined;
  /** Why the file could not be rotated or reopened. */
  let stuck: string | undefined;
  let lost = 0;
  /** A line stands there without its end. */
  let torn = false;

  const put = (text: string): void => {
    const data = Buffer.from(torn ? `\n${text}` : text);
    for (let at = 0; at < data.length; ) {
      at += writeSync(file, data, at);
      torn = at < data.length;
    }
  };

  const reopen = (): void => {
    // The data directory itself is not made again: where it was moved, its log goes on with it.
    mkdirUnlessThere(dirname(path));
    const next = openSync(path, APPEND, 0o600);
    closeSync(file);
    file = next;
    own = fstatSync(file);
    begunAt = beginningOf(path, own);
    torn = false;
  };

  /**
   * Checked before each line: a line in a file that was just rotated would be missed by a reader that follows the name.
   */
  const checkFile = (): void => {
    if (!own.isFile()) return;
    let there = statSync(path, { throwIfNoEntry: false });
    if (!isSame(own, there)) {
      reopen();
      there = own;
    }
    const size = there?.size ?? 0;
    // A clock that was put back makes no file old.
    const isOld = size > 0 && Date.now() - begunAt >= maxAgeMs;
    if ((size >= options.maxBytes || isOld) && putAside(options, own)) reopen();
  };

  const lose = (error: unknown): void => {
    lost++;
    if (reason === undefined) options.onFault?.(reasonOf(error));
    reason = reasonOf(error);
  };

  /** If the file can't be rotated or reopened, the open one is used: a long log is better than none. */
  const checkIfDue = (): void => {
    if (performance.now() < retryAt) return;
    try {
      checkFile();
      stuck = undefined;
    } catch (error) {
      if (stuck === undefined) options.onFault?.(reasonOf(error));
      stuck = reasonOf(error);
      retryAt = performance.now() + RETRY_MS;
    }
  };

  return {
    write: (line) => {
      checkIfDue();
      try {
        if (lost > 0 && options.missing) put(options.missing(lost, reason ?? 'unknown reason'));
        lost = 0;
        put(line);
        reason = undefined;
      } catch (error) {
        lose(error);
      }
    },
    fault: () => reason ?? stuck,
    close: () => closeSync(file),
  };
};

const openFirst = (path: string): number => {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, APPEND, 0o600);
    if (fstatSync(file).isFile()) chmodSync(path, 0o600);
    return file;
  } catch (error) {
    throw new PortError('unavailable', `the log file can't be opened: ${reasonOf(error)}`, { retryable: false, cause: error });
  }
};

/** When the first line of a file was written, as that line says; else when the file was last written to. */
const beginningOf = (path: string, stats: Stats): number => {
  if (!stats.isFile() || stats.size === 0) return Date.now();
  const [, time = ''] = /"time":"([^"]{1,40})"/.exec(firstBytesOf(path)) ?? [];
  const at = Date.parse(time);
  return Number.isNaN(at) ? stats.mtimeMs : at;
};

/** Nothing of a file that may be written and not read, or that is gone by now. */
const firstBytesOf = (path: string): string => {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const bytes = Buffer.alloc(FIRST_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, FIRST_BYTES, 0));
  } catch {
    return '';
  } finally {
    if (file !== undefined) closeSync(file);
  }
};

/**
 * Of several processes that see a full file at the same time, one renames it. True if the file is no longer at `path`.
 */
const putAside = ({ path, maxFiles }: LogFileOptions, full: Stats): boolean => {
  const claim = `${path}.claim`;
  if (!takeClaim(claim)) return false;
  try {
    if (!isSame(full, statSync(path, { throwIfNoEntry: false }))) return true;
    for (let at = maxFiles - 1; at > 0; at--) renameIfThere(at === 1 ? path : `${path}.${at - 1}`, `${path}.${at}`);
    if (maxFiles === 1) rmSync(path);
    return true;
  } finally {
    rmSync(claim, { force: true });
  }
};

export const takeClaim = (claim: string): boolean => {
  const before = statSync(claim, { throwIfNoEntry: false });
  if (before && Date.now() - before.mtimeMs <= CLAIM_MS) return false;
  if (before) rmSync(claim, { force: true });
  try {
    closeSync(openSync(claim, 'wx', 0o600));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
};

const renameIfThere = (from: string, to: string): void => {
  try {
    renameSync(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
};

const mkdirUnlessThere = (directory: string): void => {
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
};

const isSame = (one: Stats, other: Stats | undefined): boolean => one.ino === other?.ino && one.dev === other.dev;
