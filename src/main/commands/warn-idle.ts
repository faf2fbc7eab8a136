import { listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { printError } from './outcome.ts';
import { nobodyWorks } from './status.ts';

/** Says, where it is known, that nobody works at what was just stored: on PostgreSQL workers may be anywhere. */
export const warnIfIdle = async ({ dataDir, database }: Config): Promise<void> => {
  if (database) return;
  if (nobodyWorks(dataDir, await listProcessLocks(dataDir)))
    printError('It is stored, but no worker runs at the moment: `kept worker` or `kept start` goes on with it.');
};
