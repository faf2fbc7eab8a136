import type { Container } from 'inversify';
import { canMove } from '../../adapters/telegram/client/ids.ts';
import { homingStorage, makeMovedChats, makePairedPeople } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { type Clock, type Engine, type Events, engineNoticesOf } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { databasePath } from '../data-dir.ts';
import type { Lifecycle } from '../lifecycle.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** The stored state; the chats that moved to another id, and who was let in. */
export const bindEngine = (container: Container, how: OpeningEngine): void => {
  bind(
    container,
    T.engine,
    { config: T.config, lifecycle: T.lifecycle, clock: T.clock, events: T.events },
    ({ config, lifecycle, clock, events }) => openEngine({ config, lifecycle, clock, events, ...how }),
  );
  bind(container, T.storage, { engine: T.engine }, ({ engine }) => homingStorage(engine.storage, canMove));
  bind(container, T.changes, { engine: T.engine }, ({ engine }) => engine.changes());
  bind(container, T.moved, { storage: T.storage }, ({ storage }) => makeMovedChats(storage.stores.chatMoves));
  bind(container, T.paired, { storage: T.storage, configured: T.configuredPolicy }, ({ storage, configured }) =>
    makePairedPeople(storage.stores.pairings, configured),
  );
  bind(container, T.policy, { configured: T.configuredPolicy, moved: T.moved, paired: T.paired }, ({ configured, moved, paired }) =>
    moved.over(paired.over(configured)),
  );
};

interface OpeningEngine {
  /** The stored state must exist and be up to date; no table is created or changed. */
  readonly asItIs: boolean;
  /** Nothing is stored: what can't be written is read from a copy. */
  readonly readsOnly: boolean;
}

/** Opens the engine that the configuration names, and loads no other; the lifecycle closes it. */
const openEngine = async ({
  config: { database, dataDir },
  lifecycle,
  clock,
  events,
  asItIs,
  readsOnly,
}: OpeningEngine & {
  readonly config: Config;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly events: Events;
}): Promise<Engine> => {
  const engine = database
    ? await (await postgres()).openPostgresEngine({
        ...database,
        clock,
        version: VERSION,
        notice: engineNoticesOf(events, 'postgres'),
        asItIs,
      })
    : await (await sqlite()).openSqliteEngine({
        path: databasePath(dataDir),
        version: VERSION,
        notice: engineNoticesOf(events, 'sqlite'),
        asItIs,
        readsOnly,
      });
  lifecycle.onStop('storage', () => engine.close());
  return engine;
};

const postgres = () => import('../../adapters/postgres/index.ts');
const sqlite = () => import('../../adapters/sqlite/index.ts');
