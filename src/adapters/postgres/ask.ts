import type { Duplex } from 'node:stream';
import pg from 'pg';
import type { Reach } from './reach.ts';
import { types } from './value-types.ts';

export interface AskOptions {
  /** What PostgreSQL lists the connection as. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Asks a database over one connection of its own, which ends with the answer, or once `signal` aborts. Rejects with
 * what went wrong, as the driver tells it.
 */
export const askPostgres = async <T>(
  { url, bindsChannel = false }: Reach,
  { name, timeoutMs, signal }: AskOptions,
  ask: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client: ClientWithConnection = new pg.Client({
    connectionString: url,
    application_name: name,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    enableChannelBinding: bindsChannel,
    types,
  });
  // A connection that breaks rejects what waits for it; as an event alone it would end the process.
  client.on('error', () => undefined);
  // `end` would wait for a server that says nothing.
  const end = (): void => void client.connection?.stream.destroy();
  signal.addEventListener('abort', end, { once: true });
  try {
    await client.connect();
    return await ask(client);
  } finally {
    signal.removeEventListener('abort', end);
    await client.end().catch(() => undefined);
  }
};

/** What the types of `pg` leave out. */
type ClientWithConnection = pg.Client & { readonly connection?: { readonly stream: Duplex } };
