import { type JobStorage, openJobStorage } from '../../src/adapters/postgres/job-storage.ts';
import { freshDatabase } from './postgres.ts';

export type BossStorage = JobStorage & { readonly url: string };

/** The storage at `url` with its queue, as the engine puts them together. */
export const openBossStorage = async (url: string): Promise<BossStorage> => ({ ...(await openJobStorage({ url })), url });

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
