import type { Config } from '../config/index.ts';
import { databasePath } from './data-dir.ts';

/** A database that takes longer is not waited for. */
const LIMIT_MS = 10_000;

/**
 * What a start of this version would find in the database; undefined where SQLite has none yet. Rejects with PortError
 * where it can't be read, and `invalid-request` where this version can't use it. Changes nothing.
 */
export const lookAtDatabase = async ({ dataDir, database }: Config) => {
  if (database) {
    const { lookAtPostgresUpgrade } = await import('../adapters/postgres/index.ts');
    return lookAtPostgresUpgrade(database, LIMIT_MS, AbortSignal.timeout(LIMIT_MS));
  }
  const { lookAtSqliteUpgrade } = await import('../adapters/sqlite/index.ts');
  return lookAtSqliteUpgrade(databasePath(dataDir));
};
