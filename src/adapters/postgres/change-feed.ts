import { randomUUID } from 'node:crypto';
import { makeChangeListeners } from '../../ports/adapter-kit/change-listeners.ts';
import { makeThrottle } from '../../ports/adapter-kit/throttle.ts';
import { type ChangeFeed, type EngineNotices, reasonOf } from '../../ports/index.ts';
import { after } from '../sql/timers.ts';
import { makeChangeNotifier } from './change-notifier.ts';
import type { Connection } from './connection.ts';
import { makeListener, timed } from './listener.ts';

const CHANNEL = 'kept_changes';
/** However much is committed, listeners are called no more often than this. */
const PAUSE_MS = 3;

export interface PostgresChangeFeed extends ChangeFeed {
  /** This process has committed a change: its own listeners are called, and then every other process is told. */
  committed(): void;
  /** Tells others of what they have not been told yet, and ends. */
  close(): Promise<void>;
}

/**
 * Tells of commits by any process on the database. A process tells of its commits by NOTIFY, after the commit and once
 * for many: inside the transaction, PostgreSQL would make all other commits wait for it. The poll finds what is lost
 * with a process or a connection in between. The feed listens over a connection of its own, from the first
 * subscription on.
 */
export const makePostgresChangeFeed = ({ pool, newClient }: Connection, notice?: EngineNotices): PostgresChangeFeed => {
  const self = randomUUID();
  const listeners = makeChangeListeners({ after });
  const throttle = makeThrottle(after, PAUSE_MS, () => {
    listeners.notify();
    return true;
  });
  const listener = makeListener({
    channel: CHANNEL,
    newClient,
    onNotification: (payload) => {
      if (payload !== self) throttle.run();
    },
    onListening: throttle.run,
    notice,
  });
  const tell = `NOTIFY ${CHANNEL}, '${self}'`;
  const notifier = makeChangeNotifier(async () => {
    try {
      await (listener.query(tell) ?? pool.query(timed(tell)));
    } catch (error) {
      notice?.('change-not-announced', { reason: reasonOf(error) });
    }
  });

  return {
    subscribe: (call) => {
      listener.start();
      return listeners.subscribe(call);
    },
    committed: () => {
      throttle.run();
      notifier.notify();
    },
    close: async () => {
      throttle.stop();
      listeners.close();
      await notifier.close();
      await listener.close();
    },
  };
};
