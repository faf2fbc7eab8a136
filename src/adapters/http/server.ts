import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { requireNode } from '../../domain/shared/node-version.ts';
import { type Logger, silentLogger } from '../../ports/index.ts';
import type { HttpApi } from './api.ts';
import { answerBadUrl, answerErrors, pathOf } from './errors.ts';
import { mountEventStream } from './event-stream.ts';
import { inUrl, makeGuard, makeTokenCheck } from './guard.ts';
import { bodyLimit, readJsonOnly } from './json-body.ts';
import { listenFailure } from './listening.ts';
import { mountPage } from './page.ts';
import { RequestError } from './request-error.ts';
import { mount, mountApi } from './routes.ts';

export interface HttpServer {
  /** Rejects with PortError `unavailable` when the address is taken or not ours. */
  listen(): Promise<{ readonly url: string }>;
  /** Ends the event streams, lets requests under way finish for a few seconds, then closes their connections. */
  close(): Promise<void>;
}

export interface HttpServerOptions {
  readonly api: HttpApi;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /**
   * Where set, every route under /api wants `Authorization: Bearer <token>`, and /health tells those without it the
   * status alone.
   */
  readonly apiToken?: string;
  /**
   * Web origins, such as `https://example.com`, whose pages may use this server (their hosts may name it too), or `*`
   * alone for all.
   */
  readonly corsOrigins: readonly string[];
  /** Requests a minute and address, under /api and of /health with a token; absent means no limit. */
  readonly rateLimitPerMinute?: number;
  readonly maxRequestBytes: number;
  /** PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Says nothing unless told. */
  readonly logger?: Logger | undefined;
  readonly heartbeatMs?: number;
  readonly stallMs?: number;
  /** How long `close` waits for requests under way. */
  readonly graceMs?: number;
}

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export const makeHttpServer = (options: HttpServerOptions): HttpServer => {
  requireNode(process.versions.node);
  const { api, host, logger = silentLogger, tls, corsOrigins } = options;
  const app = fastify({
    bodyLimit: bodyLimit(options.maxRequestBytes),
    requestTimeout: 60_000,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => answerBadUrl(error, request, reply.headers(securityHeaders(request))),
    ...(tls ? { https: { cert: tls.cert, key: tls.key } } : {}),
  }) as unknown as FastifyInstance;
  const port = (): number => (app.server.address() as AddressInfo | null)?.port ?? options.port;
  const guard = makeGuard({ host, port, secure: tls !== undefined, corsOrigins });
  const streams = new Set<() => void>();
  let closing = false;

  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(request));
    guard(request.headers);
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const fields = { method: request.method, path: pathOf(request), status: statusCode, elapsedMs: Math.round(elapsedTime) };
    logger.debug(fields, 'answered a request');
  });
  answerErrors(app, logger, bodyLimit(options.maxRequestBytes));
  readJsonOnly(app);

  const build = async (): Promise<void> => {
    if (corsOrigins.length > 0)
      await app.register(cors, { origin: corsOrigins.includes('*') ? '*' : [...corsOrigins], methods: ['GET', 'POST'] });
    const refusal = options.apiToken === undefined ? () => undefined : makeTokenCheck(options.apiToken);
    await mountPage(app);
    await app.register(async (limited) => {
      if (options.rateLimitPerMinute !== undefined)
        await limitRate(limited, options.rateLimitPerMinute, {
          // Whoever looks only whether the server lives is free; who shows a token could be guessing it.
          isFree: ({ routeOptions, headers }) =>
            routeOptions.url === '/health' && (options.apiToken === undefined || headers.authorization === undefined),
          // Guesses are counted apart, so that they lock out nobody who knows the token.
          isGuess: ({ headers }) => refusal(headers) !== undefined,
        });
      mount(limited, '/health', {
        GET: async ({ headers }, reply) => {
          const health = await api.health();
          return reply.code(health.status === 'down' ? 503 : 200).send(refusal(headers) ? { status: health.status } : health);
        },
      });
      await limited.register(async (scope) => {
        // After the rate limit, so that guesses count; before the body is read.
        scope.addHook('preParsing', async ({ headers }) => {
          const refused = refusal(headers);
          if (refused) throw refused;
        });
        mountApi(scope, api);
        mountEventStream(scope, api, streams, { heartbeatMs: options.heartbeatMs ?? 15_000, stallMs: options.stallMs ?? 60_000 });
      });
    });
  };

  return {
    listen: async () => {
      await build();
      try {
        await app.listen({ host, port: options.port });
      } catch (error) {
        throw listenFailure(error, { host, port: options.port });
      }
      const url = `${tls ? 'https' : 'http'}://${['0.0.0.0', '::', ''].includes(host) ? 'localhost' : inUrl(host)}:${port()}`;
      logger.info({ url }, 'the HTTP server listens');
      return { url };
    },
    close: async () => {
      closing = true;
      for (const end of streams) end();
      const cut = setTimeout(() => app.server.closeAllConnections(), options.graceMs ?? 5_000);
      await app.close();
      clearTimeout(cut);
    },
  };
};

const HSTS = { 'strict-transport-security': 'max-age=31536000' };

/** A browser that heard of TLS under the name of `localhost` would ask it of every other server of the machine. */
const securityHeaders = ({ protocol, host }: FastifyRequest): Readonly<Record<string, string>> =>
  protocol === 'https' && !/^localhost(?::\d+)?$/i.test(host) ? { ...SECURITY_HEADERS, ...HSTS } : SECURITY_HEADERS;

const limitRate = async (
  scope: FastifyInstance,
  max: number,
  { isFree, isGuess }: Readonly<Record<'isFree' | 'isGuess', (request: FastifyRequest) => boolean>>,
): Promise<void> => {
  await scope.register(rateLimit, {
    max,
    timeWindow: 60_000,
    allowList: isFree,
    keyGenerator: (request) => `${normalizeIP(request.ip)}${isGuess(request) ? ' guesses' : ''}`,
    errorResponseBuilder: (_request, { ttl }) =>
      new RequestError(429, 'http/rate-limited', `more than ${max} requests in a minute`, {
        hint: `try again in ${Math.ceil(ttl / 1000)} s`,
      }),
  });
};
