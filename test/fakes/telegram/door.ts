import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A listening address of a data centre, or of a proxy in front of it. */
export interface Door {
  readonly host: string;
  readonly port: number;
  /** `host:port` */
  readonly address: string;
  /** Refuses new connections; open ones stay open. */
  close(): Promise<void>;
}

/** Listens on that address of this machine; on a free port if `port` is 0. */
export const openDoor = async (
  { host, port = 0 }: { readonly host: string; readonly port?: number },
  welcome: (socket: Socket) => void,
): Promise<Door> => {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    welcome(socket);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    host,
    port: bound,
    address: host.includes(':') ? `[${host}]:${bound}` : `${host}:${bound}`,
    close: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
};
