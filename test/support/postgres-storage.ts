import { openPostgresStorage, type PostgresStorage } from '../../src/adapters/postgres/storage.ts';
import { type BossStorage, openBossStorage } from './boss-storage.ts';
import { administer, freshDatabase, type PostgresServer } from './postgres.ts';

/** Runs `use` with several storages on one database, as so many processes would open it, and removes all. */
export const withPostgres = async <T>(
  use: (storages: readonly PostgresStorage[], url: string) => Promise<T>,
  { count = 1, server }: { readonly count?: number; readonly server?: PostgresServer } = {},
): Promise<T> => {
  const { url, drop } = await freshDatabase(server);
  const storages = await Promise.all(Array.from({ length: count }, () => openPostgresStorage({ url })));
  try {
    return await use(storages, url);
  } finally {
    await Promise.all(storages.map((storage) => storage.close()));
    await drop();
  }
};

/** Every row of ours and of pg-boss's jobs goes, and every number begins anew. */
const EMPTY = `DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
    LOOP EXECUTE CASE name WHEN 'public.audit_log' THEN 'TRUNCATE ' ELSE 'DELETE FROM ' END || name; END LOOP;
  FOR name IN SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE schemaname = 'public'
    LOOP EXECUTE 'ALTER SEQUENCE ' || name || ' RESTART'; END LOOP;
  DELETE FROM pgboss.job;
END $$`;

/**
 * Opens fresh storages for the checks of contracts, one after the other: one database that is emptied for each. `end`
 * removes it.
 */
export const makeFreshPostgres = () => {
  let opened: Promise<{ readonly storage: BossStorage; readonly url: string; drop(): Promise<void> }> | undefined;
  const first = async () => {
    const { url, drop } = await freshDatabase();
    return { storage: await openBossStorage(url), url, drop };
  };
  return {
    open: async (): Promise<{ subject: BossStorage; close(): void }> => {
      opened ??= first();
      const { storage, url } = await opened;
      await administer(url, (client) => client.query(EMPTY));
      return { subject: storage, close: () => undefined };
    },
    end: async (): Promise<void> => {
      const used = await opened;
      await used?.storage.close();
      await used?.drop();
    },
  };
};
