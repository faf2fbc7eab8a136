import { once } from 'node:events';
import net from 'node:net';

/** A way to a peer on loopback that can fall silent: connections stay open, and nothing comes through any more. */
export interface BlackHole {
  readonly port: number;
  /** From now on, for new connections too. */
  swallow(): void;
  /** New connections come through again; those that were swallowed never do. */
  passAgain(): void;
  close(): void;
}

export const openBlackHole = async (peerPort: number): Promise<BlackHole> => {
  const sockets = new Set<net.Socket>();
  let silent = false;
  const server = net.createServer((near) => {
    sockets.add(near);
    near.on('error', () => near.destroy());
    if (silent) return near.pause();
    const far = net.connect(peerPort, '127.0.0.1');
    sockets.add(far);
    near.pipe(far).pipe(near);
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    swallow: () => {
      silent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    passAgain: () => {
      silent = false;
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
