import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { percentilesOf } from './percentiles.ts';

export interface DiskFigures {
  /** Small writes that are there after a power loss, one after the other. */
  readonly syncsPerSecond: number;
  readonly syncP50Ms: number;
  readonly syncP99Ms: number;
}

/** One page of a database. */
const PAGE = 4_096;
/** So many, written over and over: however long it takes, it takes no more room. */
const PAGES = 256;

/** How long it takes in that directory until a small write is on the disk, measured for so long. */
export const measureDisk = async (directory: string, ms: number, signal: AbortSignal): Promise<DiskFigures> => {
  const path = join(directory, 'disk');
  const file = await open(path, 'w', 0o600);
  const page = Buffer.alloc(PAGE, 1);
  const durations: number[] = [];
  const begin = performance.now();
  try {
    while (performance.now() - begin < ms) {
      signal.throwIfAborted();
      const since = performance.now();
      await file.write(page, 0, PAGE, (durations.length % PAGES) * PAGE);
      await file.datasync();
      durations.push(performance.now() - since);
    }
  } finally {
    await file.close();
    await rm(path);
  }
  const seconds = (performance.now() - begin) / 1_000;
  const percentile = percentilesOf(durations);
  return { syncsPerSecond: durations.length / seconds, syncP50Ms: percentile(0.5), syncP99Ms: percentile(0.99) };
};
