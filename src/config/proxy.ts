import { type Refusal, refuse } from './refusal.ts';
import { decodedPart, secretKind } from './variable-kinds.ts';

/** What Telegram is reached through. */
export type ProxySettings =
  | {
      readonly kind: 'socks4' | 'socks5';
      readonly host: string;
      readonly port: number;
      readonly username?: string;
      readonly password?: string;
    }
  | { readonly kind: 'mtproxy'; readonly host: string; readonly port: number; readonly secret: string };

const SOCKS = { 'socks:': 5, 'socks5:': 5, 'socks5h:': 5, 'socks4:': 4, 'socks4a:': 4 } as const;
const HINT =
  'give socks5://host:1080, socks5://user:password@host:1080, mtproxy://secret@host:443, or the link of a proxy (https://t.me/proxy?…)';

/** Reads the parts of a proxy address in any of its forms. */
interface Parts {
  readonly kind: 'socks4' | 'socks5' | 'mtproxy';
  readonly host: string;
  readonly port: string;
  readonly username: string;
  readonly password: string;
  readonly secret: string;
}

/**
 * `tg://proxy?server=…&port=…&secret=…`, `https://t.me/socks?server=…&port=…&user=…&pass=…`: the links by which people
 * share proxies.
 */
const partsOfLink = (url: URL): Parts | undefined => {
  const isLink = /^https?:$/.test(url.protocol) && /^(t\.me|telegram\.me)$/i.test(url.hostname);
  const page = isLink ? url.pathname.replace(/^\/|\/$/g, '') : url.protocol === 'tg:' ? url.hostname : '';
  if (page !== 'proxy' && page !== 'socks') return undefined;
  const given = (name: string): string => url.searchParams.get(name) ?? '';
  return {
    kind: page === 'proxy' ? 'mtproxy' : 'socks5',
    host: given('server'),
    port: given('port'),
    username: given('user'),
    password: given('pass'),
    secret: given('secret'),
  };
};

const partsOfAddress = (url: URL): Parts | undefined => {
  const { protocol, hostname, port } = url;
  const [username, password] = [decodedPart(url.username), decodedPart(url.password)];
  if (username === undefined || password === undefined) return undefined;
  const host = hostname.replace(/^\[|\]$/g, '');
  if (protocol === 'mtproxy:') return { kind: 'mtproxy', host, port, username: '', password: '', secret: username };
  const version = SOCKS[protocol as keyof typeof SOCKS];
  return version && { kind: `socks${version}`, host, port, username, password, secret: '' };
};

const partsOf = (text: string): Parts | undefined => {
  const url = URL.parse(text);
  return url ? (partsOfLink(url) ?? partsOfAddress(url)) : undefined;
};

/** 16 bytes, alone or behind `dd`, in hexadecimal or base64. */
const wrongSecret = (secret: string): Refusal | undefined => {
  if (!/^[\w+/=-]+$/.test(secret)) return refuse('has no secret of an MTProxy in it', HINT);
  const bytes = /^([\da-f]{2})+$/i.test(secret) ? Buffer.from(secret, 'hex') : Buffer.from(secret, 'base64');
  if (bytes.length === 16 || (bytes.length === 17 && bytes[0] === 0xdd)) return undefined;
  if (bytes.length > 17 && bytes[0] === 0xee)
    return refuse(
      'has a secret that begins with ee (fake TLS), which Kept does not speak',
      'use a proxy whose secret begins with dd, or a SOCKS proxy',
    );
  return refuse('has no secret of an MTProxy in it', HINT);
};

const read = (text: string): ProxySettings | Refusal => {
  const parts = partsOf(text);
  if (!parts) return refuse('is not the address of a proxy that Telegram can be reached through', HINT);
  const { host, username, password, secret } = parts;
  const port = Number(parts.port);
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 65_535) return refuse('names no host and port', HINT);
  if (parts.kind === 'mtproxy') return wrongSecret(secret) ?? { kind: 'mtproxy', host, port, secret };
  return {
    kind: parts.kind,
    host,
    port,
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
  };
};

/** A proxy for Telegram. It holds a password or secret: nothing of it is ever quoted. */
export const proxy = () => secretKind(read);

/** The secret parts of a proxy address. */
export const secretsOfProxy = (text: string): readonly string[] => {
  const parts = partsOf(text);
  return parts ? [parts.password, parts.secret].filter((secret) => secret !== '') : [];
};
