import { type Boss, makeBossQueue, openBoss, openPostgresStorage, startHealing } from '../../adapters/postgres/index.ts';
import { makeSqliteChangeFeed, makeSqliteQueue, openSqliteStorage } from '../../adapters/sqlite/index.ts';
import type { Config } from '../../config/index.ts';
import type { ChangeFeed, Clock, Leadership, Logger, Storage } from '../../ports/index.ts';
import { databasePath } from '../data-dir.ts';
import type { Lifecycle } from '../lifecycle.ts';

/** Where everything is kept, and how to hear of changes to it. */
export interface Engine {
  readonly storage: Storage;
  /** The one that answers among all bots on this storage; absent where only this process can be the bot. */
  readonly leadership?: Leadership;
  /** Called once at the most. */
  changes(): ChangeFeed;
  /** What a process that keeps promises looks after beside. */
  keepUp(): Promise<void>;
}

interface Deps {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The stored state must be there and up to date: nothing is made, and no table is changed. */
  readonly asItIs: boolean;
}

/** Opens the engine that the configuration names; the lifecycle ends it. */
export const openEngine = (deps: Deps): Promise<Engine> =>
  deps.config.database ? openPostgres(deps, deps.config.database) : openSqlite(deps);

const openSqlite = async ({ config, lifecycle, logger, asItIs }: Deps): Promise<Engine> => {
  const path = databasePath(config.dataDir);
  const storage = await openSqliteStorage({ path, logger, asItIs });
  lifecycle.onStop('storage', () => storage.close());
  return {
    storage: { ...storage, queue: makeSqliteQueue(storage) },
    changes: () => {
      const changes = makeSqliteChangeFeed(path, logger);
      lifecycle.onStop('changes', () => changes.close());
      return changes;
    },
    keepUp: () => Promise.resolve(),
  };
};

/** Promises and their jobs commit together, so the storage and pg-boss each work through the other. */
const openPostgres = async ({ lifecycle, clock, logger, asItIs }: Deps, database: NonNullable<Config['database']>): Promise<Engine> => {
  let started: Boss | undefined;
  lifecycle.onStop('job queue', () => started?.close());
  // Opened first, as it tells best what is wrong with the address; and closed first.
  const storage = await openPostgresStorage({
    ...database,
    logger,
    clock,
    asItIs,
    dispatch: { follow: (...change) => boss.follow(...change) },
  });
  lifecycle.onStop('storage', () => storage.close());
  const boss = await openBoss({ ...database, logger });
  started = boss;
  return {
    storage: { ...storage, queue: makeBossQueue(boss, storage) },
    leadership: storage.leadership('bot'),
    changes: () => storage.changes,
    keepUp: async () => {
      const healing = await startHealing({ boss, storage, clock, logger });
      lifecycle.onStop('healing', () => healing.stop());
    },
  };
};
