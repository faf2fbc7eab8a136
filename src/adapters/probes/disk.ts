import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Finding, type HealthProbe, PortError, reasonOf } from '../../ports/index.ts';

/** Below this, a longer message or answer may not fit. */
const LEAST_FREE_BYTES = 1024 ** 2;
/** Below this, not even a lock file can be written. */
const LEAST_TO_START_BYTES = 16 * 1024;
const LIMIT_MS = 2_000;

export interface DiskProbeOptions {
  readonly dataDir: string;
  /** Whether it need not be there yet: then the directory in which it would be made is looked at. */
  readonly mayBeMade?: boolean;
  /** How much must be free, and how bad it is where it is not. Default: a MB, or it is a warning. */
  readonly room?: { readonly bytes: number; readonly short: 'warn' | 'fail' };
}

/**
 * Whether the disk of the data directory can be written and has room. A full disk still accepts small writes, so a
 * write that succeeds does not prove that there is room. The directory that is there now must be there later, too.
 */
export const makeDiskProbe = ({ dataDir, mayBeMade = false, room }: DiskProbeOptions): HealthProbe & { readonly look: () => Finding } => {
  const opened = inodeOf(dataDir);
  const { bytes: least, short } = room ?? { bytes: LEAST_FREE_BYTES, short: 'warn' };
  const look = (): Finding => {
    const where = dataDir;
    try {
      const place = mayBeMade ? nearest(dataDir) : dataDir;
      accessSync(place, constants.W_OK);
      if (!mayBeMade && inodeOf(dataDir) !== opened)
        return {
          status: 'fail',
          message: `${dataDir} was replaced by another directory while Kept runs`,
          where,
          fixHint: 'restart Kept, after the former directory is back, if its data is wanted',
        };
      const free = freeBytes(place);
      if (free < least)
        return {
          status: short,
          message: `only ${inUnits(free)} are free on the disk of ${dataDir}: make room`,
          where,
          fixHint: 'delete old logs and backups, or move KEPT_DATA_DIR to a larger disk',
        };
      return { status: 'ok', message: `${inUnits(free)} free` };
    } catch (error) {
      return {
        status: 'fail',
        message: `${dataDir} can't be written: ${reasonOf(error)}`,
        where,
        fixHint: 'let the user who runs Kept own the directory, on a disk that is mounted and not read-only; see KEPT_DATA_DIR',
      };
    }
  };
  return {
    id: 'storage.disk',
    depth: 'local',
    limitMs: LIMIT_MS,
    late: { status: 'fail', where: dataDir, fixHint: 'see whether the disk is a network drive that does not answer' },
    look,
    probe: async () => look(),
  };
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
  if (freeBytes(nearest(dataDir)) < LEAST_TO_START_BYTES)
    throw new PortError('storage-full', `the disk of ${dataDir} is full: make room, and start again`, { retryable: true });
};

/** The directory, or the nearest above it that is there. */
const nearest = (directory: string): string => {
  let there = directory;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  return there;
};

const freeBytes = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

/** `820 kB`, `3.4 GB` */
const inUnits = (bytes: number): string => {
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes / 1_000;
  while (size >= 1_000 && units.length > 1) {
    size /= 1_000;
    units.shift();
  }
  return `${size >= 10 || size === 0 ? Math.round(size) : size.toFixed(1)} ${units[0]}`;
};

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
