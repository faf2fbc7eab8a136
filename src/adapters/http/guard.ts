import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { InvalidValueError } from '../../domain/index.ts';
import { RequestError } from './request-error.ts';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS = ['0.0.0.0', '::', ''];

/**
 * Keeps other web sites away from this server, which trusts every request that reaches it. `Host`: only our own names
 * pass, because a page whose name was re-pointed at this machine (DNS rebinding) still sends its own name. If we listen
 * on every address, any numeric address passes, too: it can't be re-pointed. `Origin`: only our own and the configured
 * origins pass, because browsers send it with every cross-site request that could change something or read an answer
 * (CSRF). Where `isScraped`, any name passes with the token: no page that was re-pointed knows it, and a scraper may
 * know this machine by a name that this machine does not know.
 */
export const makeGuard = (options: {
  readonly host: string;
  /** Known once the server listens. */
  readonly port: () => number;
  readonly secure: boolean;
  readonly corsOrigins: readonly string[];
  readonly holdsToken: (request: FastifyRequest) => boolean;
}): ((request: FastifyRequest, isScraped: boolean) => void) => {
  const { host, port, secure } = options;
  const anyOrigin = options.corsOrigins.includes('*');
  const origins = new Map(options.corsOrigins.flatMap((origin) => (origin === '*' ? [] : [[origin, hostOf(origin)]])));
  const names = new Set([...LOOPBACK, inUrl(host).toLowerCase()]);
  const everywhere = WILDCARDS.includes(host);
  const scheme = secure ? 'https' : 'http';

  const isOurs = (authority: string): boolean => {
    if ([...origins.values()].includes(authority)) return true;
    const [, name = '', digits] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/.exec(authority) ?? [];
    // A container's or router's port mapping changes the port that clients see.
    if (everywhere) return LOOPBACK.includes(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return names.has(name) && Number(digits ?? (secure ? 443 : 80)) === port();
  };

  return (request, isScraped) => {
    const authority = (request.host ?? '').toLowerCase();
    if (!isOurs(authority) && !(isScraped && options.holdsToken(request)))
      throw new RequestError(
        403,
        'http/forbidden-host',
        `this server does not answer to the name ${JSON.stringify(authority.slice(0, 100))}`,
        {
          hint: `use ${scheme}://localhost:${port()}, or add the address that you use to the allowed origins (CORS_ORIGINS)`,
        },
      );
    const { origin } = request.headers;
    if (anyOrigin || origin === undefined || origin === `${request.protocol}://${authority}` || origins.has(origin)) return;
    throw new RequestError(403, 'http/forbidden-origin', `pages of ${JSON.stringify(origin.slice(0, 100))} may not use this server`, {
      hint: 'add that origin to the allowed origins (CORS_ORIGINS) if it is yours',
    });
  };
};

/** A host as it stands in a URL: IPv6 addresses in brackets. */
export const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host);

const hostOf = (origin: string): string => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (!url || url.origin !== origin || !['http:', 'https:'].includes(url.protocol))
    throw new InvalidValueError(`an allowed origin looks like https://example.com, without a path: ${JSON.stringify(origin)} does not`);
  return url.host;
};
