import type { Client } from 'pg';
import { doublingMs } from '../../domain/shared/backoff.ts';
import { type EngineNotices, reasonOf } from '../../ports/index.ts';
import { after } from '../sql/timers.ts';

/** A statement that takes longer than 5 s counts as a lost connection. */
export const timed = (text: string) => ({ text, query_timeout: 5_000 });
const reconnectMs = (attempt: number): number => doublingMs(attempt + 1, 50, 5_000);

export interface Listener {
  /** Connects, and again whenever the connection is lost. May be called again. */
  start(): void;
  /** Runs a statement over the listening connection. Undefined if there is none now. */
  query(text: string): Promise<unknown> | undefined;
  close(): Promise<void>;
}

/** Listens on `channel` over a connection of its own. */
export const makeListener = (deps: {
  readonly channel: string;
  readonly newClient: () => Client;
  readonly onNotification: (payload: string | undefined) => void;
  /** Called each time it has begun to listen: notifications may have been missed before. */
  readonly onListening: () => void;
  readonly notice?: EngineNotices | undefined;
}): Listener => {
  const { channel, newClient, onNotification, onListening, notice } = deps;
  let started = false;
  let closed = false;
  let client: Client | undefined;
  let failures = 0;
  let cancelReconnect = (): void => undefined;

  const drop = (lost: Client): void => {
    if (client === lost) client = undefined;
    lost.end().catch((reason: unknown) => notice?.('connection-not-closed', { reason: reasonOf(reason) }));
  };

  const connect = async (): Promise<void> => {
    const connecting = newClient();
    let lost = false;
    const reconnect = (error: unknown): void => {
      if (lost || closed) return;
      lost = true;
      notice?.('changes-unheard', { reason: reasonOf(error) });
      drop(connecting);
      cancelReconnect = after(reconnectMs(failures++), connect);
    };
    connecting.on('error', reconnect);
    connecting.on('end', () => reconnect('it has ended'));
    connecting.on('notification', ({ payload }) => onNotification(payload));
    try {
      await connecting.connect();
      await connecting.query(timed(`LISTEN ${channel}`));
      if (closed) return await connecting.end();
      client = connecting;
      failures = 0;
      onListening();
    } catch (error) {
      reconnect(error);
    }
  };

  return {
    start: () => {
      if (started || closed) return;
      started = true;
      void connect();
    },
    query: (text) => {
      const over = client;
      return over?.query(timed(text)).catch((error: unknown) => {
        drop(over);
        throw error;
      });
    },
    close: async () => {
      closed = true;
      cancelReconnect();
      await client?.end();
    },
  };
};
