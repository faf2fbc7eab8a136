import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * Whether a host is this machine: a socket of it, or a name or address that leads to it. False if the name can't be
 * resolved. A container of this machine can't be told from another machine.
 */
export const isThisMachine = async (host: string): Promise<boolean> => {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '' || bare.startsWith('/')) return true;
  const addresses = isIP(bare) ? [bare] : await addressesOf(bare);
  const own = new Set(Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)));
  return addresses.some((address) => own.has(address) || LOOPBACK.test(address));
};

const LOOPBACK = /^(127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.)/;

const addressesOf = async (name: string): Promise<readonly string[]> => {
  try {
    return (await lookup(name, { all: true })).map(({ address }) => address);
  } catch {
    // Whoever asks it hears why.
    return [];
  }
};
