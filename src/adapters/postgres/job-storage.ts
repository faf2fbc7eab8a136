import { present } from '../../domain/shared/present.ts';
import type { Clock, EngineNotices, PromiseQueue } from '../../ports/index.ts';
import { type Boss, makeBoss } from './jobs/boss.ts';
import { makeBossQueue } from './jobs/queue.ts';
import type { Reach } from './reach.ts';
import { openPostgresStorage, type PostgresStorage } from './storage.ts';

export interface PostgresOptions extends Reach {
  /** Logs nothing if absent. */
  readonly notice?: EngineNotices;
  /** This process's own clock if absent. */
  readonly clock?: Pick<Clock, 'now'>;
  /** The version of Kept that opens it: the database keeps which one has changed its tables. */
  readonly version?: string;
  /** The tables must exist and be up to date. Nothing is created or changed. */
  readonly asItIs?: boolean;
}

/** The storage with its job queue. Promises and their jobs commit together. */
export interface JobStorage extends PostgresStorage {
  readonly boss: Boss;
  readonly queue: PromiseQueue;
}

/** Opens the storage and its job queue. Rejects as `openPostgresStorage` and `Boss.start` do. */
export const openJobStorage = async ({
  url,
  connectTimeoutMs,
  bindsChannel,
  notice,
  clock,
  version,
  asItIs,
}: PostgresOptions): Promise<JobStorage> => {
  const reach = { url, ...present({ connectTimeoutMs, bindsChannel, notice }) };
  const boss = makeBoss(reach);
  // The storage is opened first, because its errors say best what is wrong with the address.
  const storage = await openPostgresStorage({ ...reach, ...present({ clock, version, asItIs }), dispatch: boss });
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
