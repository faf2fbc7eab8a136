import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HealthCheck } from '../domain/index.ts';
import { PortError, reasonOf } from '../ports/index.ts';

/** With less than this, a longer message or answer may not fit any more. */
const LEAST_FREE_BYTES = 1024 ** 2;

/**
 * Looks at the disk beneath the data directory, and at the log. A full disk still takes what is small: that something
 * could be written just now does not show that there is room.
 */
export const makeDiskCheck = (dataDir: string, logFault: () => string | undefined = () => undefined): (() => readonly HealthCheck[]) => {
  const opened = inodeOf(dataDir);
  return () => {
    const fault = logFault();
    return [
      { name: 'disk', ...diskAt(dataDir, opened) },
      ...(fault === undefined ? [] : [{ name: 'log', status: 'degraded', detail: `the log file can't be written: ${fault}` } as const]),
    ];
  };
};

const diskAt = (dataDir: string, opened: number | undefined): Omit<HealthCheck, 'name'> => {
  try {
    accessSync(dataDir, constants.W_OK);
    if (inodeOf(dataDir) !== opened) return { status: 'down', detail: `${dataDir} was replaced by another directory while Kept runs` };
    const free = freeBytes(dataDir);
    return free < LEAST_FREE_BYTES
      ? { status: 'degraded', detail: `only ${inUnits(free)} are free on the disk of ${dataDir}: make room` }
      : { status: 'ok', detail: `${inUnits(free)} free` };
  } catch (error) {
    return { status: 'down', detail: `${dataDir} can't be written: ${reasonOf(error)}` };
  }
};

const freeBytes = (directory: string): number => {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
};

/** With less than this not even a lock can be written. */
const LEAST_TO_START_BYTES = 16 * 1024;

/**
 * Throws PortError `storage-full` where nothing can be begun: also the words of a process in the background would find
 * no room.
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
