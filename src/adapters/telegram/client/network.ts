import type { TelegramClient } from 'telegram';
import { TEST_DC_IPV4, TEST_DC_IPV6 } from 'telegram/client/telegramBaseClient.js';
import type { ProxyInterface } from 'telegram/network/connection/TCPMTProxy.js';
import { ConnectionTCPFull, ConnectionTCPObfuscated } from 'telegram/network/index.js';
import { present } from '../../../domain/shared/present.ts';
import { sameHost } from './hosts.ts';
import { PaddedMtProxyConnection } from './padded-intermediate.ts';
import type { ProxySettings, TelegramSettings } from './settings.ts';

const asClientTakesIt = (proxy: ProxySettings, timeoutMs: number): ProxyInterface => {
  const where = { ip: proxy.host, port: proxy.port, timeout: Math.ceil(timeoutMs / 1000) };
  if (proxy.kind === 'mtproxy') return { MTProxy: true, secret: proxy.secret, ...where };
  return {
    ...where,
    socksType: proxy.kind === 'socks5' ? 5 : 4,
    ...present({ username: proxy.username, password: proxy.password }),
  };
};

/** What the client library is told of the way to that server. */
export const networkParams = ({ proxy, transport, ipv6 }: TelegramSettings, host: string, dialTimeoutMs: number) => ({
  connection: transport === 'obfuscated' ? ConnectionTCPObfuscated : ConnectionTCPFull,
  useIPV6: ipv6 ?? false,
  // Keys of the test network are exchanged with another number of the data centre.
  testServers: isTestServer(host),
  ...(proxy ? { proxy: asClientTakesIt(proxy, dialTimeoutMs) } : {}),
});

const isTestServer = (host: string): boolean =>
  [...Object.values(TEST_DC_IPV4), ...Object.values(TEST_DC_IPV6)].some((known) => sameHost(known, host));

const bytesOf = (secret: string): Buffer => Buffer.from(secret, /^([\da-f]{2})+$/i.test(secret) ? 'hex' : 'base64');

/** The client library speaks to every MTProxy without padding, which those with a secret of 17 bytes refuse. */
export const padWhereWanted = (client: TelegramClient, { proxy }: TelegramSettings): void => {
  if (proxy?.kind === 'mtproxy' && bytesOf(proxy.secret).length > 16) client._connection = PaddedMtProxyConnection;
};
