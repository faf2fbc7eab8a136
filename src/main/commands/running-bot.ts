import { listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { botOf } from '../data-dir.ts';
import { CommandError } from '../failures.ts';
import { readStarted, type Started } from '../started.ts';

/** The bot that runs on this data, with its URL. Undefined if no bot runs. Throws CommandError while it is starting. */
export const findRunningBot = async ({ dataDir }: Config): Promise<(Started & { readonly url: string }) | undefined> => {
  const running = botOf(await listProcessLocks(dataDir));
  if (!running) return undefined;
  const started = readStarted(dataDir, running.pid);
  if (started?.url === undefined) throw new CommandError('the running Kept is still starting; try again in a moment');
  return { ...started, url: started.url };
};
