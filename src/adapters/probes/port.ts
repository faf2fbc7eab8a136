import { once } from 'node:events';
import { createServer } from 'node:net';
import { PortError, reasonOf } from '../../ports/index.ts';

/** Listens for a moment where the HTTP side will. Rejects with PortError when that can't be: the port is taken, or not allowed. */
export const probePort = async (host: string, port: number): Promise<string> => {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return 'is free';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') throw new PortError('unavailable', 'is taken by another process', { retryable: true, cause: error });
    if (code === 'EACCES')
      throw new PortError('unauthorised', 'may not be listened on: ports below 1024 need rights', { retryable: false, cause: error });
    throw new PortError('unavailable', `can't be listened on: ${reasonOf(error)}`, { retryable: false, cause: error });
  } finally {
    server.close();
  }
};
