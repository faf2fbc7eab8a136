import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { acquireProcessLock, readProcessLock, systemClock, systemRandomness } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import type { Engine } from '../../ports/index.ts';
import { databasePath } from '../data-dir.ts';
import { type DiskFigures, measureDisk } from './measure-disk.ts';
import { type KeptFigures, type KeptStep, measureKept } from './measure-kept.ts';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly node: string;
  readonly engine: 'sqlite' | 'postgres';
}

export interface SelfFigures extends KeptFigures {
  readonly machine: Machine;
  /** Of the data directory. */
  readonly disk: DiskFigures;
  /** Of this process, behind the work. */
  readonly memoryBytes: number;
}

export type Step = KeptStep | 'disk';

/** Its beginning says whose it is, so that what a run that was killed left behind is removed by the next one. */
const DIRECTORY = '.bench-';
/** In such a directory: a run that holds it is at work there. */
const LOCK = 'bench';
/** The disk takes one part of the time, each of the others three, and a fifth of that to warm up. */
const PARTS = 1 + 3 * 3 * 1.2;

/**
 * Measures this machine: its disk, and Kept on an empty database beside the real one, which is left alone. It takes
 * about `ms`. Everything that it writes is removed, also where `signal` ends it.
 */
export const measureSelf = async (
  { dataDir, database }: Pick<Config, 'dataDir' | 'database'>,
  { ms, signal, onStep }: { readonly ms: number; readonly signal: AbortSignal; readonly onStep: (step: Step) => void },
): Promise<SelfFigures> => {
  const part = ms / PARTS;
  await sweep(dataDir);
  const directory = await mkdtemp(join(dataDir, DIRECTORY));
  const lock = await acquireProcessLock(directory, LOCK);
  const measure = async (engine: Engine): Promise<KeptFigures> => {
    try {
      return await measureKept({ engine, clock: systemClock, randomness: systemRandomness, stepMs: 3 * part, signal, onStep });
    } finally {
      await engine.close();
    }
  };
  try {
    onStep('disk');
    const disk = await measureDisk(directory, part, signal);
    const figures = database ? await onPostgres(database, measure) : await onSqlite(directory, measure);
    return { machine: machineOf(database ? 'postgres' : 'sqlite'), disk, ...figures, memoryBytes: process.memoryUsage.rss() };
  } finally {
    await lock.release();
    await rm(directory, { recursive: true, force: true });
  }
};

/** Removes what runs that were killed have left. */
const sweep = async (dataDir: string): Promise<void> => {
  for (const name of await readdir(dataDir)) {
    const directory = join(dataDir, name);
    if (name.startsWith(DIRECTORY) && !(await readProcessLock(directory, LOCK))) await rm(directory, { recursive: true, force: true });
  }
};

const onSqlite = async <T>(directory: string, use: (engine: Engine) => Promise<T>): Promise<T> => {
  const { openSqliteEngine } = await import('../../adapters/sqlite/index.ts');
  return use(await openSqliteEngine({ path: databasePath(directory) }));
};

const onPostgres = async <T>(database: NonNullable<Config['database']>, use: (engine: Engine) => Promise<T>): Promise<T> => {
  const { openPostgresEngine, withScratchDatabase } = await import('../../adapters/postgres/index.ts');
  return withScratchDatabase(database, async (reach) => use(await openPostgresEngine({ ...reach, clock: systemClock })));
};

const machineOf = (engine: Machine['engine']): Machine => ({
  cores: availableParallelism(),
  processor: cpus()[0]?.model.trim() || 'unknown processor',
  memoryBytes: totalmem(),
  node: process.versions.node,
  engine,
});
