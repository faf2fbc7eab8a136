import { present } from '../../domain/shared/present.ts';
import type { Clock, Logger, PromiseQueue } from '../../ports/index.ts';
import { type Boss, makeBoss } from './jobs/boss.ts';
import { makeBossQueue } from './jobs/queue.ts';
import type { Reach } from './reach.ts';
import { openPostgresStorage, type PostgresStorage } from './storage.ts';

export interface PostgresOptions extends Reach {
  /** Logs nothing unless told. */
  readonly logger?: Logger;
  /** This process's clock unless told. */
  readonly clock?: Pick<Clock, 'now'>;
  /** The tables must be there and up to date: none is made or changed. */
  readonly asItIs?: boolean;
}

/** The storage with its job queue: promises and their jobs commit together. */
export interface JobStorage extends PostgresStorage {
  readonly boss: Boss;
  readonly queue: PromiseQueue;
}

/** Opens both. Rejects as `openPostgresStorage` and `Boss.start` do. */
export const openJobStorage = async ({
  url,
  connectTimeoutMs,
  bindsChannel,
  logger,
  clock,
  asItIs,
}: PostgresOptions): Promise<JobStorage> => {
  const reach = { url, ...present({ connectTimeoutMs, bindsChannel, logger }) };
  const boss = makeBoss(reach);
  // Opened first, as it tells best what is wrong with the address.
  const storage = await openPostgresStorage({ ...reach, ...present({ clock, asItIs }), dispatch: boss });
  try {
    await boss.start();
  } catch (error) {
    await storage.close();
    throw error;
  }
  return {
    ...storage,
    boss,
    queue: makeBossQueue(boss, storage),
    close: async () => {
      await storage.close();
      await boss.close();
    },
  };
};
