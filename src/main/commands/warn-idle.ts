import { listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { printError } from '../failures.ts';
import { nobodyWorks } from '../started.ts';

/** Warns if no worker runs. On PostgreSQL, workers may run anywhere, so nothing is said. */
export const warnIfIdle = async ({ dataDir, database }: Config): Promise<void> => {
  if (database) return;
  if (nobodyWorks(dataDir, await listProcessLocks(dataDir)))
    printError(`No worker is running: promises wait until you start one with ${commandHint('worker')} or ${commandHint('start')}.`);
};
