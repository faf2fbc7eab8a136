import { resolve } from 'node:path';
import { present } from '../domain/shared/present.ts';
import type { Config, ConfigProblem } from './config.ts';
import type { Environment } from './environment.ts';
import { error } from './problems.ts';
import type { PathKind } from './workspace-policy.ts';

const MEGABYTE = 1024 ** 2;

/** Addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i.test(host);

/** How the HTTP side listens; anything that opens it beyond this machine needs a token. */
export const readHttp = (
  env: Environment,
  { cwd, kindOf }: { readonly cwd: string; readonly kindOf: (path: string) => PathKind },
): { readonly http: Config['http']; readonly problems: readonly ConfigProblem[] } => {
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
  const rateLimitPerMinute = env.API_RATE_LIMIT ?? (isLoopback(host) ? undefined : 100);
  return {
    problems,
    http: {
      host,
      port: env.PORT ?? 9000,
      ...present({ apiToken: env.KEPT_API_TOKEN }),
      corsOrigins,
      ...present({ rateLimitPerMinute }),
      maxRequestBytes: env.MAX_REQUEST_SIZE ?? 10 * MEGABYTE,
      ...(env.SSL_KEYFILE === undefined || env.SSL_CERTFILE === undefined
        ? {}
        : { tls: { keyFile: resolve(cwd, env.SSL_KEYFILE), certFile: resolve(cwd, env.SSL_CERTFILE) } }),
    },
  };
};
