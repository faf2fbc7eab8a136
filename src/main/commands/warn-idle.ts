import { listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { printError } from './outcome.ts';
import { readStarted } from './status.ts';

/** Says, where it is known, that nobody works at what was just stored: on PostgreSQL workers may be anywhere. */
export const warnIfIdle = async ({ dataDir, database }: Config): Promise<void> => {
  if (database) return;
  const processes = await listProcessLocks(dataDir);
  const idle = processes.every(({ role, pid }) => role === BOT_LOCK && readStarted(dataDir, pid)?.role === 'bot');
  if (idle) printError('It is stored, but no worker runs at the moment: `kept worker` or `kept start` goes on with it.');
};
