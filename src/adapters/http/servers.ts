import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import type { TlsPair } from './certificate.ts';

interface Limits {
  readonly keepAliveTimeout?: number;
  readonly requestTimeout?: number;
}

/**
 * The servers of an app, one for each address of its host. `localhost` has several; those that Fastify would open for
 * them are out of reach: they would keep their first certificate, and connections that nobody could cut.
 */
export const makeServers = (tls: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined) => {
  const all: Server[] = [];
  let makeAnother: (() => Server) | undefined;

  const make = (handle: RequestListener, { keepAliveTimeout = 0, requestTimeout = 0 }: Limits): Server => {
    const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, handle) : createServer(handle);
    Object.assign(server, { keepAliveTimeout, requestTimeout });
    all.push(server);
    return server;
  };
  return {
    /** For Fastify, which then opens this one alone. */
    serverFactory: (handle: RequestListener, limits: Limits): Server => {
      makeAnother = () => make(handle, limits);
      return make(handle, limits);
    },
    /** Listens at the other addresses of `localhost`, once the first server listens. */
    listenElsewhere: async (host: string, options: { readonly reusePort?: boolean }): Promise<void> => {
      const first = all[0]?.address() as AddressInfo | null | undefined;
      if (host !== 'localhost' || !makeAnother || !first) return;
      for (const other of await addressesOf(host)) {
        if (other === first.address) continue;
        const server = makeAnother();
        server.listen({ ...options, host: other, port: first.port });
        // This machine may not have that address, or another program has its port: whoever asks gets the first.
        const isThere = await once(server, 'listening').then(
          () => true,
          () => false,
        );
        if (!isThere) all.splice(all.indexOf(server), 1);
      }
    },
    useTls: (next: TlsPair): void => {
      for (const server of all) if (server instanceof TlsServer) server.setSecureContext({ key: next.key, cert: next.cert });
    },
    /** Resolves when those that Fastify does not know are closed. */
    closeElsewhere: async (): Promise<void> => {
      await Promise.all(all.slice(1).map((server) => new Promise((resolve) => server.close(resolve))));
    },
    cut: (): void => {
      for (const server of all) server.closeAllConnections();
    },
  };
};

/** None where it can't be looked up: the first server listens all the same. */
const addressesOf = (host: string): Promise<readonly string[]> =>
  new Promise((resolve) => {
    dns.lookup(host, { all: true }, (error, found) => resolve(error ? [] : found.map(({ address }) => address)));
  });
