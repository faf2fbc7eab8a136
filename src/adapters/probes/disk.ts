import { constants, existsSync, statfsSync } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AlertRules, isBadBy } from '../../domain/alert/rules.ts';
import { bytesWords } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { singleFlight } from '../../domain/shared/single-flight.ts';
import { type Finding, type HealthProbe, PortError, reasonOf } from '../../ports/index.ts';

/** Below this, a longer message or answer may not fit. */
const LEAST_FREE_BYTES = 1024 ** 2;
/** Below this, not even a lock file can be written: Kept can't start, and what runs can store nothing. */
const LEAST_TO_START_BYTES = 16 * 1024;
const LIMIT_MS = 2_000;

/** The room on a disk. */
export interface DiskRoom {
  readonly freeBytes: number;
  /** 0 where the file system does not say. */
  readonly totalBytes: number;
}

/** Asks for the room on a disk. Who asks while the disk still owes an answer waits for the same one. */
export type ReadDiskRoom = () => Promise<DiskRoom>;

/** What is asked of the system. A disk that does not answer leaves it unsettled. */
export type DiskCalls = Pick<typeof import('node:fs/promises'), 'access' | 'stat' | 'statfs'>;

export const makeReadDiskRoom = (directory: string, calls: Pick<DiskCalls, 'statfs'> = { statfs }): ReadDiskRoom =>
  singleFlight(async () => {
    const { bavail, blocks, bsize } = await calls.statfs(directory);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  });

export interface DiskProbeOptions {
  readonly dataDir: string;
  /** Whether it need not be there yet: then the directory in which it would be made is looked at. */
  readonly mayBeMade?: boolean;
  /**
   * How much must be free, and how bad it is where it is not. Default: a MB, or it is a warning; where Kept could not
   * even start, it is a failure anyway.
   */
  readonly room?: { readonly bytes: number; readonly short: 'warn' | 'fail' };
  /** How much of the disk must be free, too: an alert of this rule is a warning here. Absent: any share will do. */
  readonly rule?: AlertRules['storage.disk'] | undefined;
  /** Shared by all who want to know the room on that disk. */
  readonly readRoom?: ReadDiskRoom | undefined;
  readonly calls?: DiskCalls | undefined;
  /** Whether it is known that the disk does not answer: then it is left alone. */
  readonly isHung?: boolean;
}

/**
 * Whether the disk of the data directory can be written and has room. A full disk still accepts small writes, so a
 * write that succeeds does not prove that there is room. The directory that is there now must be there later, too.
 */
export const makeDiskProbe = (options: DiskProbeOptions): HealthProbe => {
  const { dataDir, mayBeMade = false, room: { bytes: least, short } = { bytes: LEAST_FREE_BYTES, short: 'warn' }, rule } = options;
  const { calls = { access, stat, statfs }, readRoom = makeReadDiskRoom(dataDir, calls), isHung } = options;
  const where = dataDir;
  const probe = {
    id: 'storage.disk',
    depth: 'local',
    unreadyFrom: 'fail',
    limitMs: LIMIT_MS,
    late: { status: 'fail', where: dataDir, fixHint: 'see whether the disk is a network drive that does not answer' },
  } as const;
  if (isHung) return { ...probe, probe: async () => ({ ...probe.late, message: `${dataDir}: its disk does not answer` }) };
  const opened = inodeOf(dataDir, calls).catch(() => undefined);
  const look = singleFlight(async (): Promise<Finding> => {
    try {
      const place = mayBeMade ? await nearest(dataDir, calls) : dataDir;
      const { freeBytes, totalBytes } = await (place === dataDir ? readRoom() : makeReadDiskRoom(place, calls)());
      await calls.access(place, constants.W_OK);
      if (!mayBeMade && (await inodeOf(dataDir, calls)) !== (await opened))
        return {
          status: 'fail',
          message: `${dataDir} was replaced by another directory while Kept runs`,
          where,
          fixHint: 'restart Kept, after the former directory is back, if its data is wanted',
        };
      const isShort = freeBytes < least;
      const share = totalBytes > 0 ? freeBytes / totalBytes : 1;
      if (isShort || (rule && isBadBy('storage.disk', rule, share)))
        return {
          status: freeBytes < LEAST_TO_START_BYTES ? 'fail' : isShort ? short : 'warn',
          message: `only ${bytesWords(freeBytes)} (${Number((share * 100).toFixed(1))} %) are free on the disk of ${dataDir}: make room`,
          where,
          fixHint: 'delete old logs and backups, or move KEPT_DATA_DIR to a larger disk',
        };
      return { status: 'ok', message: `${bytesWords(freeBytes)} free` };
    } catch (error) {
      return {
        status: 'fail',
        message: `${dataDir} can't be written: ${reasonOf(error)}`,
        where,
        fixHint: 'let the user who runs Kept own the directory, on a disk that is mounted and not read-only; see KEPT_DATA_DIR',
      };
    }
  });
  return { ...probe, probe: look };
};

/** Whether the log file can be written. `fault` says why it can't, at the moment. */
export const makeLogProbe = (path: string, fault: () => string | undefined): HealthProbe => ({
  id: 'process.log',
  depth: 'local',
  limitMs: LIMIT_MS,
  late: { status: 'warn', where: path },
  probe: async () => {
    const reason = fault();
    if (reason === undefined) return undefined;
    return {
      status: 'warn',
      message: `the log file can't be written: ${reason}`,
      where: path,
      fixHint: 'make room, or let the user who runs Kept own the directory of the log; it is tried again by itself',
    };
  },
});

/**
 * Throws PortError `storage-full` if there is no room to start: a background process could not even write its error.
 */
export const requireRoom = (dataDir: string): void => {
  let place = dataDir;
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
  const { bavail, bsize } = statfsSync(place);
  if (bavail * bsize < LEAST_TO_START_BYTES)
    throw new PortError('storage-full', `the disk of ${dataDir} is full: make room, and start again`, { retryable: true });
};

/** The directory, or the nearest above it that is there. */
const nearest = async (directory: string, calls: DiskCalls): Promise<string> => {
  let place = directory;
  while ((await inodeOf(place, calls)) === undefined && dirname(place) !== place) place = dirname(place);
  return place;
};

/** Undefined where nothing is there. */
const inodeOf = async (path: string, calls: DiskCalls): Promise<number | undefined> => {
  try {
    return (await calls.stat(path)).ino;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
};
