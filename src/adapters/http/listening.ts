import { createServer } from 'node:net';
import { errorCode } from '../../domain/shared/error-code.ts';
import { PortError, reasonOf } from '../../ports/index.ts';
import { inUrl } from './guard.ts';

interface Address {
  readonly host: string;
  readonly port: number;
  /** Where the port is configured. Default: `PORT`. */
  readonly setting?: string;
  /** Whether those who share it may listen there already. */
  readonly isShared?: boolean;
}

/** Why the address can't be used, as PortError `unavailable`, with a hint. */
export const listenFailure = (error: unknown, address: Address): PortError =>
  new PortError('unavailable', faultOf(error, address), { retryable: false, cause: error });

const faultOf = (error: unknown, { host, port, setting = 'PORT' }: Address): string => {
  const at = `${inUrl(host)}:${port}`;
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return `port ${port} is taken: set ${setting} to another one, or end what listens there`;
    case 'EACCES':
      return `cannot listen on ${at}: ports below 1024 need rights that this user does not have; set ${setting} to another one, such as 9000`;
    case 'EADDRNOTAVAIL':
      return `cannot listen on ${at}: ${host} is not an address of this machine; correct HOST`;
    case 'ENOTFOUND':
      return `cannot listen on ${at}: there is no host ${host}; correct HOST`;
    default:
      return `cannot listen on ${at}: ${reasonOf(error)}`;
  }
};

/** Listens for a moment. Rejects with PortError `unavailable` when the address is taken or not ours. */
export const requireFreePort = (address: Address): Promise<void> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => reject(listenFailure(error, address)));
    const { host, port, isShared } = address;
    probe.listen({ host, port, exclusive: true, ...(isShared ? { reusePort: true } : {}) }, () => probe.close(() => resolve()));
  });
