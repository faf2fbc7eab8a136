import pg from 'pg';
import { DataSource } from 'typeorm';
import { type EngineNotices, reasonOf } from '../../ports/index.ts';
import { MIGRATIONS_TABLE } from '../sql/migrations.ts';
import { toPortError } from './errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { placeOf } from './place.ts';
import type { Reach } from './reach.ts';
import { onceAccepting } from './recovery.ts';
import { types } from './value-types.ts';

/** The database at a URL, and ways to talk to it. */
export interface Connection {
  /** `PostgreSQL at host:port/database`: for people, without credentials. */
  readonly place: string;
  readonly dataSource: DataSource;
  readonly pool: pg.Pool;
  /** A connection outside of the pool, not yet connected. */
  newClient(): pg.Client;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** A process that hangs in the middle of a transaction holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/**
 * Every frequent statement finds its rows by an index, in the order of the index. If the planner went by statistics, it
 * would read and sort whole tables while they are young, and keep plans for an empty table after ten thousand promises
 * have come at once.
 */
const PLANNER = ['seqscan', 'bitmapscan', 'sort', 'hashjoin', 'mergejoin'].map((method) => `-c enable_${method}=off`).join(' ');

/**
 * Connects to the database at `url` with up to `poolSize` connections. While the server starts or recovers, this waits
 * for it. Rejects with PortError `unavailable`, `unauthorised` or `not-found`.
 */
export const connect = async (
  { url, connectTimeoutMs = CONNECT_TIMEOUT_MS, bindsChannel = false }: Reach,
  poolSize: number,
  notice?: EngineNotices,
): Promise<Connection> => {
  const place = placeOf(url);
  const options: pg.ClientConfig = {
    connectionString: url,
    application_name: 'kept',
    connectionTimeoutMillis: connectTimeoutMs,
    enableChannelBinding: bindsChannel,
    keepAlive: true,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: `${PLANNER} -c jit=off`,
    types,
  };
  const dataSource = new DataSource({
    type: 'postgres',
    // Our own copy of the driver; TypeORM would load the one that is installed beside itself.
    driver: pg,
    extra: { ...options, max: poolSize, pipeline: true },
    poolErrorHandler: (error: unknown) => notice?.('connection-lost', { reason: reasonOf(error) }),
    migrations: MIGRATIONS,
    migrationsTableName: MIGRATIONS_TABLE,
    installExtensions: false,
    logging: false,
  });
  const initialise = async (): Promise<void> => {
    try {
      await dataSource.initialize();
    } catch (error) {
      throw toPortError(error, place);
    }
  };
  await onceAccepting(initialise, (error) => notice?.('server-awaited', { reason: reasonOf(error) }));
  const { master: pool } = dataSource.driver as unknown as { readonly master: pg.Pool };
  return { place, dataSource, pool, newClient: () => new pg.Client(options) };
};
