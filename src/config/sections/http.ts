import { resolve } from 'node:path';
import { present } from '../../domain/shared/present.ts';
import { type ConfigProblem, error } from '../problems.ts';
import type { Values } from '../section.ts';
import { addresses, byteSize, origins, secret, text, wholeNumber } from '../variable-kinds.ts';
import type { PathKind } from '../workspace-policy.ts';

const MEGABYTE = 1024 ** 2;
const API_TOKEN = {
  pattern: /^.{16,}$/,
  hint: 'give at least 16 characters; `openssl rand -hex 32` makes a good one',
  type: '16 characters or more',
};

export const httpVariables = {
  HOST: text('name or address'),
  PORT: wholeNumber(0, 65_535),
  KEPT_METRICS_PORT: wholeNumber(0, 65_535),
  KEPT_API_TOKEN: secret(API_TOKEN),
  API_RATE_LIMIT: wholeNumber(1, 1_000_000),
  MAX_REQUEST_SIZE: byteSize(1024 * MEGABYTE),
  CORS_ORIGINS: origins(),
  KEPT_TRUSTED_PROXIES: addresses(),
  SSL_KEYFILE: text('file'),
  SSL_CERTFILE: text('file'),
};

export interface HttpSettings {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Where a process without the HTTP server serves its metrics. Absent: it does not. */
  readonly metricsPort?: number;
  /** Always there when `host` is not a loopback address. */
  readonly apiToken?: string;
  /** Exact origins, or `*` alone. */
  readonly corsOrigins: readonly string[];
  /** Addresses and networks of proxies that are believed whom they speak for. */
  readonly trustedProxies: readonly string[];
  /** Absent means unlimited. */
  readonly rateLimitPerMinute?: number;
  readonly maxRequestBytes: number;
  /** Absolute paths. */
  readonly tls?: { readonly keyFile: string; readonly certFile: string };
}

/** Addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);

/** Reads how the HTTP server listens. Listening beyond this machine requires a token. */
export const readHttp = (
  env: Values<typeof httpVariables>,
  { cwd, kindOf }: { readonly cwd: string; readonly kindOf: (path: string) => PathKind },
): { readonly http: HttpSettings; readonly problems: readonly ConfigProblem[] } => {
  const problems: ConfigProblem[] = [];
  const host = env.HOST ?? '127.0.0.1';
  const corsOrigins = env.CORS_ORIGINS ?? [];
  if (!/^[\w.:[\]-]{1,253}$/.test(host))
    problems.push(error('HOST', 'is not a host name or address', 'give a name or address alone, such as 127.0.0.1'));
  else if (!isLoopback(host) && env.KEPT_API_TOKEN === undefined)
    problems.push(
      error(
        'KEPT_API_TOKEN',
        `is required, because HOST is ${host}: others can reach it`,
        'set it (`openssl rand -hex 32` makes a good one), or leave HOST unset',
      ),
    );
  if (corsOrigins.includes('*') && (corsOrigins.length > 1 || env.KEPT_API_TOKEN === undefined))
    problems.push(
      error(
        'CORS_ORIGINS',
        '* stands alone, and needs KEPT_API_TOKEN: else any web page could talk to the agent',
        'name the origins one by one',
      ),
    );
  const trustedProxies = env.KEPT_TRUSTED_PROXIES ?? [];
  if (trustedProxies.length > 0 && isLoopback(host) && env.KEPT_API_TOKEN === undefined)
    problems.push(
      error(
        'KEPT_API_TOKEN',
        'is required, because KEPT_TRUSTED_PROXIES is set: whoever reaches the proxy reaches the agent',
        'set it (`openssl rand -hex 32` makes a good one), or leave KEPT_TRUSTED_PROXIES unset',
      ),
    );
  const files = { SSL_KEYFILE: env.SSL_KEYFILE, SSL_CERTFILE: env.SSL_CERTFILE };
  for (const [name, other] of [
    ['SSL_KEYFILE', 'SSL_CERTFILE'],
    ['SSL_CERTFILE', 'SSL_KEYFILE'],
  ] as const) {
    const path = files[name];
    if (path === undefined && files[other] !== undefined)
      problems.push(error(name, `is required, because ${other} is set`, 'set both for TLS, or neither'));
    else if (path !== undefined && kindOf(resolve(cwd, path)) !== 'file')
      problems.push(error(name, `there is no file ${resolve(cwd, path)}`, 'correct the path'));
  }
  const rateLimitPerMinute = env.API_RATE_LIMIT ?? (isLoopback(host) && trustedProxies.length === 0 ? undefined : 100);
  return {
    problems,
    http: {
      host,
      port: env.PORT ?? 9000,
      ...present({ metricsPort: env.KEPT_METRICS_PORT }),
      ...present({ apiToken: env.KEPT_API_TOKEN }),
      corsOrigins,
      trustedProxies,
      ...present({ rateLimitPerMinute }),
      maxRequestBytes: env.MAX_REQUEST_SIZE ?? 10 * MEGABYTE,
      ...(env.SSL_KEYFILE === undefined || env.SSL_CERTFILE === undefined
        ? {}
        : { tls: { keyFile: resolve(cwd, env.SSL_KEYFILE), certFile: resolve(cwd, env.SSL_CERTFILE) } }),
    },
  };
};
