import { isIPv6 } from 'node:net';

/** An IPv6 address has many spellings: `2001:67c:4e8:f002::a` is `2001:067c:04e8:f002:0000:0000:0000:000a`. */
const spelt = (host: string): string => (isIPv6(host) ? (URL.parse(`http://[${host}]`)?.hostname ?? host) : host.toLowerCase());

export const sameHost = (one: string, other: string): boolean => spelt(one) === spelt(other);
