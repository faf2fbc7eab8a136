import { diskAnswers } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { backupsPath } from './newest-backup.ts';
import { PROBES } from './probes/probe-list.ts';

/** What can't be looked at, as its disk does not answer: all of the data directory, or its backups alone. */
export type Hung = 'data' | 'backups';

/** `backups` is often a drive of its own. */
export const findHung = async (dataDir: string): Promise<Hung | undefined> => {
  const [data, backups] = await Promise.all([diskAnswers(dataDir), diskAnswers(backupsPath(dataDir))]);
  return !data ? 'data' : backups ? undefined : 'backups';
};

export const HUNG_WORDS = 'its disk does not answer';
export const HUNG_HINT = 'see whether the disk is a network drive that does not answer';

/** The checks and probes that look at the data directory. */
export const onDisk = ({ database }: Pick<Config, 'database'>): readonly string[] => [...IN_DIRECTORY, ...(database ? [] : OF_SQLITE)];

/** What nothing can be said of while that disk does not answer: without its locks, nobody sees which bot runs. */
export const hiddenBy = (config: Pick<Config, 'database'>): readonly string[] => [
  ...onDisk(config),
  'system.port',
  'process.bot',
  ...Object.entries(PROBES).flatMap(([id, { ofBot }]) => (ofBot ? [id] : [])),
];

const IN_DIRECTORY = [
  'storage.modes',
  'storage.disk',
  'storage.backup',
  'process.lock',
  'process.pid',
  'process.socket',
  'process.temp',
  'process.running',
  'queue.worker',
  'config.reload',
];
const OF_SQLITE = ['storage.database', 'storage.migrations', 'storage.settings'];
