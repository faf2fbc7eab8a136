import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import { type ChangeFeed, type Logger, reasonOf } from '../../ports/index.ts';
import type { Connection } from './connection.ts';

const CHANNEL = 'kept_changes';
/** The net beneath: listeners are called this often whatever happens. */
const POLL_MS = 1_000;
/**
 * However much is committed, listeners are called, and others told, no more often than this; others still less often
 * while it goes on.
 */
const REST_MS = 3;
const LONGEST_REST_MS = 24;
/** Whatever takes longer has lost its connection, or might as well have. */
const LIMITS = { query_timeout: 5_000 };
const RECONNECT_MS = { first: 50, most: 5_000 };

export interface PostgresChangeFeed extends ChangeFeed {
  /** This process has committed a change: tells its own listeners, then every other process. */
  committed(): void;
  /** Tells others what they have not been told yet, and ends. */
  close(): Promise<void>;
}

/**
 * Tells of commits by any process on the database. Whoever commits says so by NOTIFY, after its commit and once for
 * many: in the transaction itself it would hold up all other commits, which PostgreSQL puts in a row for it. What is
 * lost with a process or a connection in between is found by the poll. Listens over a connection of its own, from the
 * first subscription on.
 */
export const makePostgresChangeFeed = ({ pool, newClient }: Connection, logger?: Logger): PostgresChangeFeed => {
  const self = randomUUID();
  const tell = { text: `NOTIFY ${CHANNEL}, '${self}'`, ...LIMITS };
  const listeners = new Set<() => void>();
  let client: Client | undefined;
  let timers: { readonly poll: NodeJS.Timeout; reconnect?: NodeJS.Timeout } | undefined;
  let resting = false;
  let missed = false;
  let untold = false;
  let telling: Promise<void> | undefined;
  let closed = false;

  /** At once, or after the rest that follows the last time. */
  const tellListeners = (): void => {
    missed = resting;
    if (resting) return;
    resting = true;
    setTimeout(rested, REST_MS).unref();
    for (const listener of [...listeners]) listener();
  };

  const rested = (): void => {
    resting = false;
    if (missed) tellListeners();
  };

  const notify = async (): Promise<void> => {
    const over = client;
    try {
      await (over ?? pool).query(tell);
    } catch (error) {
      logger?.debug({ reason: reasonOf(error) }, 'a change could not be told to other processes: they look for themselves');
      if (over) drop(over);
    }
  };

  /** What is committed meanwhile is told after a rest, for all of it once. Nobody here waits for that. */
  const tellOthers = async (): Promise<void> => {
    for (let restMs = REST_MS; untold; restMs = Math.min(2 * restMs, LONGEST_REST_MS)) {
      untold = false;
      await notify();
      if (!closed) await delay(restMs);
    }
    telling = undefined;
  };

  /** It is connected anew when it has ended. */
  const drop = (lost: Client): void => {
    if (client === lost) client = undefined;
    lost.end().catch((reason: unknown) => logger?.debug({ reason: reasonOf(reason) }, 'a lost connection did not end well'));
  };

  const listen = async (waitMs: number): Promise<void> => {
    const connecting = newClient();
    let lost = false;
    const reconnect = (error: unknown) => {
      if (lost || closed || !timers) return;
      lost = true;
      logger?.debug({ reason: reasonOf(error) }, 'PostgreSQL cannot be listened to; changes are looked for each second');
      drop(connecting);
      timers.reconnect = setTimeout(listen, waitMs, Math.min(waitMs * 2, RECONNECT_MS.most)).unref();
    };
    connecting.on('error', reconnect);
    connecting.on('end', () => reconnect('it has ended'));
    connecting.on('notification', ({ payload }) => {
      if (payload !== self) tellListeners();
    });
    try {
      await connecting.connect();
      await connecting.query({ text: `LISTEN ${CHANNEL}`, ...LIMITS });
      if (closed) return await connecting.end();
      client = connecting;
      waitMs = RECONNECT_MS.first;
      // Much may have happened meanwhile.
      tellListeners();
    } catch (error) {
      reconnect(error);
    }
  };

  return {
    subscribe: (listener) => {
      const entry = () => listener();
      listeners.add(entry);
      if (!timers && !closed) {
        timers = { poll: setInterval(tellListeners, POLL_MS).unref() };
        void listen(RECONNECT_MS.first);
      }
      return () => {
        listeners.delete(entry);
      };
    },
    committed: () => {
      tellListeners();
      untold = true;
      telling ??= tellOthers();
    },
    close: async () => {
      closed = true;
      clearInterval(timers?.poll);
      clearTimeout(timers?.reconnect);
      listeners.clear();
      await telling;
      await client?.end();
    },
  };
};
