import type { Config } from '../config/index.ts';

/** The same, but a database that can't be reached is given up within `ms`: a look waits no longer for one. */
export const withShortConnect = (config: Config, ms: number): Config => {
  const { database } = config;
  return database ? { ...config, database: { ...database, connectTimeoutMs: Math.min(database.connectTimeoutMs ?? ms, ms) } } : config;
};
