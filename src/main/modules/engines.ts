import { openPostgresEngine } from '../../adapters/postgres/index.ts';
import { openSqliteEngine } from '../../adapters/sqlite/index.ts';
import type { Config } from '../../config/index.ts';
import type { Clock, Engine, Logger } from '../../ports/index.ts';
import { databasePath } from '../data-dir.ts';
import type { Lifecycle } from '../lifecycle.ts';

/** Opens the engine that the configuration names; the lifecycle closes it. */
export const openEngine = async ({
  config: { database, dataDir },
  lifecycle,
  clock,
  logger,
  asItIs,
}: {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The stored state must be there and up to date: nothing is made, and no table is changed. */
  readonly asItIs: boolean;
}): Promise<Engine> => {
  const engine = database
    ? await openPostgresEngine({ ...database, clock, logger, asItIs })
    : await openSqliteEngine({ path: databasePath(dataDir), logger, asItIs });
  lifecycle.onStop('storage', () => engine.close());
  return engine;
};
