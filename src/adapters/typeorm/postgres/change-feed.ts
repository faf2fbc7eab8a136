import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { type ChangeFeed, type Logger, reasonOf } from '../../../ports/index.ts';
import type { Connection } from './connection.ts';

const CHANNEL = 'kept_changes';
/** The net beneath: listeners are called this often whatever happens. */
const POLL_MS = 1_000;
/** However much is committed, listeners are called, and others told, no more often than this. */
const REST_MS = 3;
const RECONNECT_MS = { first: 50, most: 5_000 };

export interface PostgresChangeFeed extends ChangeFeed {
  /** This process has committed a change: tells its own listeners, then every other process. */
  committed(): void;
  /** Tells others what they have not been told yet, and ends. */
  close(): Promise<void>;
}

/**
 * Tells of commits by any process on the database. Whoever commits says so by NOTIFY, after its commit and once for many: in the
 * transaction itself it would hold up all other commits, which PostgreSQL puts in a row for it. What is lost with a process or a connection
 * in between is found by the poll. Listens over a connection of its own, from the first subscription on.
 */
export const makePostgresChangeFeed = ({ pool, newClient }: Connection, logger?: Logger): PostgresChangeFeed => {
  const self = randomUUID();
  const listeners = new Set<() => void>();
  let client: Client | undefined;
  let timers: { readonly poll: NodeJS.Timeout; reconnect?: NodeJS.Timeout } | undefined;
  let resting = false;
  let untold: 'nothing' | 'here' | 'everywhere' = 'nothing';
  let telling: Promise<void> | undefined;
  let closed = false;

  const tellOthers = async (): Promise<void> => {
    try {
      await (client ?? pool).query('SELECT pg_notify($1, $2)', [CHANNEL, self]);
    } catch (error) {
      logger?.debug({ reason: reasonOf(error) }, 'a change could not be told to other processes: they look for themselves');
    }
    telling = undefined;
  };

  /** At once, or after the rest that follows the last time. */
  const tell = (whom: 'here' | 'everywhere'): void => {
    if (resting || telling) {
      if (untold !== 'everywhere') untold = whom;
      return;
    }
    untold = 'nothing';
    for (const listener of [...listeners]) listener();
    if (whom === 'everywhere') telling = tellOthers();
    if (closed) return;
    resting = true;
    setTimeout(rested, REST_MS).unref();
  };

  const rested = async (): Promise<void> => {
    await telling;
    resting = false;
    if (!closed && untold !== 'nothing') tell(untold);
  };

  const listen = async (waitMs: number): Promise<void> => {
    const connecting = newClient();
    let lost = false;
    const reconnect = (error: unknown) => {
      if (lost || closed || !timers) return;
      lost = true;
      client = undefined;
      logger?.debug({ reason: reasonOf(error) }, 'PostgreSQL can not be listened to; changes are looked for each second');
      connecting.end().catch((reason: unknown) => logger?.debug({ reason: reasonOf(reason) }, 'a lost connection did not end well'));
      timers.reconnect = setTimeout(listen, waitMs, Math.min(waitMs * 2, RECONNECT_MS.most)).unref();
    };
    connecting.on('error', reconnect);
    connecting.on('end', () => reconnect('it has ended'));
    connecting.on('notification', ({ payload }) => {
      if (payload !== self) tell('here');
    });
    try {
      await connecting.connect();
      await connecting.query(`LISTEN ${CHANNEL}`);
      if (closed) return await connecting.end();
      client = connecting;
      waitMs = RECONNECT_MS.first;
      // Much may have happened meanwhile.
      tell('here');
    } catch (error) {
      reconnect(error);
    }
  };

  return {
    subscribe: (listener) => {
      const entry = () => listener();
      listeners.add(entry);
      if (!timers && !closed) {
        timers = { poll: setInterval(() => tell('here'), POLL_MS).unref() };
        void listen(RECONNECT_MS.first);
      }
      return () => {
        listeners.delete(entry);
      };
    },
    committed: () => tell('everywhere'),
    close: async () => {
      closed = true;
      clearInterval(timers?.poll);
      clearTimeout(timers?.reconnect);
      listeners.clear();
      await telling;
      if (untold === 'everywhere') await tellOthers();
      await client?.end();
    },
  };
};
