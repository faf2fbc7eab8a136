import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HealthCheck } from '../domain/index.ts';
import { PortError, reasonOf } from '../ports/index.ts';

/** Below this, a longer message or answer may not fit. */
const LEAST_FREE_BYTES = 1024 ** 2;

/**
 * Checks the disk of the data directory, and the log. A full disk still accepts small writes, so a write that succeeds
 * does not prove that there is room.
 */
export const makeDiskCheck = (dataDir: string, logFault: () => string | undefined = () => undefined): (() => readonly HealthCheck[]) => {
  const opened = inodeOf(dataDir);
  return () => {
    const fault = logFault();
    return [
      { id: 'storage.disk', ...diskAt(dataDir, opened) },
      ...(fault === undefined ? [] : [{ id: 'process.log', status: 'warn', message: `the log file can't be written: ${fault}` } as const]),
    ];
  };
};

const diskAt = (dataDir: string, opened: number | undefined): Omit<HealthCheck, 'id'> => {
  try {
    accessSync(dataDir, constants.W_OK);
    if (inodeOf(dataDir) !== opened) return { status: 'fail', message: `${dataDir} was replaced by another directory while Kept runs` };
    const free = freeBytes(dataDir);
    return free < LEAST_FREE_BYTES
      ? { status: 'warn', message: `only ${inUnits(free)} are free on the disk of ${dataDir}: make room` }
      : { status: 'ok', message: `${inUnits(free)} free` };
  } catch (error) {
    return { status: 'fail', message: `${dataDir} can't be written: ${reasonOf(error)}` };
  }
};

const freeBytes = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

/** Below this, not even a lock file can be written. */
const LEAST_TO_START_BYTES = 16 * 1024;

/**
 * Throws PortError `storage-full` if there is no room to start: a background process could not even write its error.
 */
export const requireRoom = (dataDir: string): void => {
  let there = dataDir;
  while (!existsSync(there)) there = dirname(there);
  if (freeBytes(there) < LEAST_TO_START_BYTES)
    throw new PortError('storage-full', `the disk of ${dataDir} is full: make room, and start again`, { retryable: true });
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
