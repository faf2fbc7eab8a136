import { type Boss, makeBossQueue, openBoss, openPostgresStorage, type PostgresStorage } from '../../src/adapters/postgres/index.ts';
import { present } from '../../src/domain/shared/present.ts';
import { type Clock, type Logger, type Storage, silentLogger } from '../../src/ports/index.ts';
import { freshDatabase } from './postgres.ts';

export type BossStorage = PostgresStorage & Storage & { readonly boss: Boss; readonly url: string };

/** The storage at `url` with its queue, as the processes put them together. */
export const openBossStorage = async (url: string, logger: Logger = silentLogger, clock?: Pick<Clock, 'now'>): Promise<BossStorage> => {
  const boss = await openBoss({ url, logger });
  const storage = await openPostgresStorage({ url, logger, dispatch: boss, ...present({ clock }) });
  const close = async () => {
    await storage.close();
    await boss.close();
  };
  return { ...storage, queue: makeBossQueue(boss, storage), boss, url, close };
};

/** A fresh storage for one check of a contract. */
export const openFreshBossStorage = async (): Promise<{ subject: BossStorage; close(): Promise<void> }> => {
  const database = await freshDatabase();
  const subject = await openBossStorage(database.url);
  return {
    subject,
    close: async () => {
      await subject.close();
      await database.drop();
    },
  };
};
