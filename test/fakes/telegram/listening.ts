import type { Socket } from 'node:net';
import { type Door, openDoor } from './door.ts';
import type { Places } from './places.ts';
import { type Connection, type Exchange, openConnection } from './wire/connection.ts';
import type { ProxyRules } from './wire/transport.ts';

/** The addresses that the server listens on, and the connections that were made there. */
export interface Listening {
  readonly port: number;
  readonly connections: ReadonlySet<Connection>;
  /** Listens at another address, or as an MTProxy. Clients that connect there are at `place`, if one is named. */
  open(options?: { readonly host?: string; readonly proxy?: ProxyRules; readonly place?: string }): Promise<Door>;
  /** Breaks every connection; the listeners stay open. */
  cut(): void;
  /** Closes the first address, and breaks every connection. */
  goDown(): Promise<void>;
  /** Listens on the first address again. */
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

/** Listens on a free port of that host. */
export const listen = async (host: string, exchange: Exchange, places: Places): Promise<Listening> => {
  const connections = new Set<Connection>();
  const others: Door[] = [];

  const welcome =
    (proxy?: ProxyRules, place?: string) =>
    (socket: Socket): void => {
      const closed = (): void => {
        connections.delete(connection);
        places.leave(connection);
      };
      const connection: Connection = openConnection(socket, place ?? places.here, exchange, closed, proxy);
      connections.add(connection);
    };

  let door: Door | undefined = await openDoor({ host }, welcome());
  const { port } = door;

  const cut = (): void => {
    for (const connection of [...connections]) connection.cut();
  };
  const goDown = async (): Promise<void> => {
    const closed = door?.close();
    door = undefined;
    cut();
    await closed;
  };

  return {
    port,
    connections,
    open: async ({ host: at = host, proxy, place } = {}) => {
      const other = await openDoor({ host: at }, welcome(proxy, place));
      others.push(other);
      return other;
    },
    cut,
    goDown,
    comeUp: async () => {
      door = await openDoor({ host, port }, welcome());
    },
    close: async () => {
      await goDown();
      await Promise.all(others.map((other) => other.close()));
      cut();
    },
  };
};
