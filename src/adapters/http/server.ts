import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requireNode } from '../../domain/shared/node-version.ts';
import { type Events, type HttpApi, type KeyValueState, type Metrics, silentEvents } from '../../ports/index.ts';
import type { ApiViews } from './api-views.ts';
import { type Authenticator, makeAuthenticator } from './auth/authenticator.ts';
import { makeRequestAuth, type RequestAuth } from './auth/request-auth.ts';
import type { TlsPair } from './certificate.ts';
import { answerBadUrl, answerErrors, pathOf } from './errors.ts';
import { inUrl, makeGuard } from './guard.ts';
import { type IdempotencyParts, REPLAYED_HEADER } from './idempotency.ts';
import { bodyLimit, readJsonOnly } from './json-body.ts';
import { listenFailure } from './listening.ts';
import { mountPage } from './page.ts';
import { limitRate } from './rate-limit.ts';
import type { Route } from './route.ts';
import { livenessRoute, SUPERVISED } from './routes/health.ts';
import { ROUTES } from './routes/index.ts';
import { METRICS_PATH, metricsRoute } from './routes/metrics.ts';
import { securityHeaders } from './security-headers.ts';
import { routeOf, type Scopes, serveRoutes } from './serve-routes.ts';
import { makeServers } from './servers.ts';
import { makeOpenStreams, type OpenStreams } from './streams.ts';

export interface HttpServer {
  /** Rejects with PortError `unavailable` when the address is taken or not ours. */
  listen(): Promise<{ readonly url: string }>;
  /**
   * What new connections get from now on, of a server that was given a pair. Connections that are open stay. Throws
   * where the pair can't be used, and then changes nothing.
   */
  useTls(pair: TlsPair): void;
  /** Ends the event streams, lets requests under way finish for a few seconds, then closes their connections. */
  close(): Promise<void>;
}

/** How a server listens, and whom it answers. */
export interface ServerSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether other processes of this user may listen at the same address, where the system can do that (Linux). */
  readonly isShared?: boolean;
  /**
   * If set, every route under /api, /metrics and /health/report require `Authorization: Bearer <token>`, or the cookie
   * of somebody who has signed in with it at the page. Without either, /health shows only the status, and /health/ready
   * no reasons. Who asks for /metrics with it may call this server by any name.
   */
  readonly apiToken?: string;
  /**
   * Web origins, such as `https://example.com`, whose pages may use this server (their hosts may name it too), or `*`
   * alone for all.
   */
  readonly corsOrigins: readonly string[];
  /**
   * Addresses and networks of proxies that are believed for whom they ask, by which name, and whether by TLS. Default:
   * nobody is.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Where that is kept by which sign-ins are signed, and which were ended: shared by all processes on the same data.
   * Default: sign-ins end with the process.
   */
  readonly signIns?: KeyValueState;
  /** Requests a minute and address, under /api and of /health with a token; absent means no limit. */
  readonly rateLimitPerMinute?: number;
  readonly maxRequestBytes: number;
  /** PEM. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
  /** Default: silent. */
  readonly events?: Events | undefined;
  /** Told the address of each request that needs a token, and whether it has the right one. */
  readonly onToken?: ((address: string, accepted: boolean) => void) | undefined;
  /** How long `close` waits for running requests. */
  readonly graceMs?: number;
}

export interface HttpServerOptions extends ServerSettings {
  readonly api: HttpApi;
  readonly views: ApiViews;
  /** Absent: there are no metrics here; /metrics says that they are not offered. */
  readonly metrics?: Metrics | undefined;
  /** Absent: requests with an idempotency key are refused. */
  readonly idempotency?: IdempotencyParts | undefined;
  readonly heartbeatMs?: number;
  readonly stallMs?: number;
  /** For tests: told each reply of the API, and each event of a stream, as they are written. */
  readonly onReply?: (reply: SentReply) => void;
}

export interface SentReply {
  readonly route: Route<never>;
  readonly status: number;
  /** Present for an event of a stream. */
  readonly event?: string;
  /** The text that is sent, or the data of the event. */
  readonly body: unknown;
}

/** The page, the API, health and metrics. */
export const makeHttpServer = (options: HttpServerOptions): HttpServer => {
  const { heartbeatMs = 15_000, stallMs = 60_000, onReply } = options;
  const streams = makeOpenStreams({ heartbeatMs, stallMs }, onReply && tellEvent(onReply));
  return makeServer(options, {
    setting: 'PORT',
    mountRoutes: (app, authenticator) => mountAll(app, options, authenticator, streams),
    streams,
  });
};

/** Metrics, and whether the process lives, of a process that answers nobody else. */
export const makeMetricsServer = (options: ServerSettings & { readonly metrics: Metrics }): HttpServer =>
  makeServer(options, {
    setting: 'KEPT_METRICS_PORT',
    mountRoutes: (app, authenticator) =>
      mountLimited(app, options, authenticator, (scopes, authOf) =>
        serveRoutes(scopes, [livenessRoute, metricsRoute], options, { authOf }),
      ),
  });

const makeServer = (
  options: ServerSettings,
  {
    setting,
    mountRoutes,
    streams,
  }: {
    /** Where its port is configured. */
    readonly setting: string;
    readonly mountRoutes: (app: FastifyInstance, authenticator: Authenticator) => Promise<void>;
    readonly streams?: OpenStreams;
  },
): HttpServer => {
  requireNode(process.versions.node);
  const { host, events = silentEvents, tls, isShared = false } = options;
  const servers = makeServers(tls);
  const app = makeApp(options, servers.serverFactory);
  const port = (): number => (app.server.address() as AddressInfo | null)?.port ?? options.port;
  const authenticator = makeAuthenticator({ apiToken: options.apiToken, state: options.signIns, events });
  let closing = false;

  guardRequests(app, options, authenticator, port);
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  reportRequests(app, events);
  answerErrors(app, events, bodyLimit(options.maxRequestBytes));
  readJsonOnly(app);

  return {
    listen: async () => {
      await mountRoutes(app, authenticator);
      try {
        const shared = isShared ? { reusePort: true } : {};
        await app.listen({ host, port: options.port, ...shared });
        await servers.listenElsewhere(host, shared);
      } catch (error) {
        throw listenFailure(error, { host, port: options.port, setting });
      }
      const url = `${tls ? 'https' : 'http'}://${['0.0.0.0', '::', ''].includes(host) ? 'localhost' : inUrl(host)}:${port()}`;
      events.emit({ type: 'http-noticed', notice: 'listening', facts: { url } });
      return { url };
    },
    useTls: servers.useTls,
    close: async () => {
      closing = true;
      streams?.end();
      const cut = setTimeout(servers.cut, options.graceMs ?? 5_000);
      await Promise.all([app.close(), servers.closeElsewhere()]);
      clearTimeout(cut);
    },
  };
};

const makeApp = (
  { maxRequestBytes, trustedProxies = [] }: ServerSettings,
  serverFactory: ReturnType<typeof makeServers>['serverFactory'],
): FastifyInstance =>
  fastify({
    bodyLimit: bodyLimit(maxRequestBytes),
    requestTimeout: 60_000,
    trustProxy: trustedProxies.length > 0 && [...trustedProxies],
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => answerBadUrl(error, request, reply.headers(securityHeaders(request))),
    serverFactory,
  }) as unknown as FastifyInstance;

/** Checks first who sends a request, and from where. */
const guardRequests = (
  app: FastifyInstance,
  { host, tls, corsOrigins }: ServerSettings,
  authenticator: Authenticator,
  port: () => number,
): void => {
  const guard = makeGuard({ host, port, secure: tls !== undefined, corsOrigins, holdsToken: authenticator.holdsToken });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(request));
    guard(request, pathOf(request) === METRICS_PATH);
  });
};

const reportRequests = (app: FastifyInstance, events: Events): void => {
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const fields = { method: request.method, path: pathOf(request), status: statusCode, elapsedMs: Math.round(elapsedTime) };
    events.emit({ type: 'http-noticed', notice: 'request-answered', facts: fields });
  });
};

const tellEvent =
  (onReply: NonNullable<HttpServerOptions['onReply']>) =>
  ({ request }: FastifyReply, { event, data }: { readonly event: string; readonly data: unknown }): void => {
    const route = routeOf(request);
    if (route) onReply({ route, status: 200, event, body: data });
  };

/** The page is open to everyone who can reach the server. */
const mountAll = async (
  app: FastifyInstance,
  options: HttpServerOptions,
  authenticator: Authenticator,
  streams: OpenStreams,
): Promise<void> => {
  const { api, views, metrics, corsOrigins, idempotency, onReply } = options;
  if (corsOrigins.length > 0)
    await app.register(cors, {
      origin: corsOrigins.includes('*') ? '*' : [...corsOrigins],
      methods: ['GET', 'POST'],
      exposedHeaders: [REPLAYED_HEADER],
    });
  await mountPage(app);
  if (onReply)
    app.addHook('onSend', async (request, { statusCode: status }, body) => {
      const route = routeOf(request);
      if (route && request.method !== 'HEAD') onReply({ route, status, body });
    });
  await mountLimited(app, options, authenticator, (scopes, authOf) =>
    serveRoutes(scopes, ROUTES, { api, views, metrics, routes: ROUTES }, { authOf, streams, idempotency }),
  );
};

/** Both scopes are rate-limited, and `guarded` wants the token, or a sign-in by it. */
const mountLimited = async (
  app: FastifyInstance,
  { rateLimitPerMinute, onToken }: ServerSettings,
  authenticator: Authenticator,
  serve: (scopes: Scopes, authOf: (request: FastifyRequest) => RequestAuth) => void,
): Promise<void> => {
  await app.register(async (open) => {
    if (rateLimitPerMinute !== undefined)
      await limitRate(open, rateLimitPerMinute, {
        // A health check is free. A request with a token counts: the token could be a guess.
        isFree: ({ routeOptions, headers }) =>
          SUPERVISED.includes(routeOptions.url ?? '') && (!authenticator.isTokenRequired || headers.authorization === undefined),
        callerOf: async (request) => {
          const { refusal, failure, signIn } = await authenticator.authenticate(request);
          if (refusal || failure !== undefined) return 'stranger';
          return signIn ? 'page' : 'program';
        },
      });
    open.addHook('preParsing', async (request, reply) => {
      const { signIn } = await authenticator.authenticate(request);
      if (signIn) await authenticator.applySignIn(signIn, request, reply);
    });
    await open.register(async (guarded) => {
      // After the rate limit, so that guesses count; before the body is read.
      guarded.addHook('preParsing', async (request) => {
        const { refusal, failure, signIn } = await authenticator.authenticate(request);
        if (failure !== undefined) throw failure;
        // Whoever is signed in has shown it once, and is told of no more.
        if (authenticator.isTokenRequired && !signIn) onToken?.(request.ip, refusal === undefined);
        if (refusal) throw refusal;
      });
      serve({ open, guarded }, (request) => makeRequestAuth(authenticator, request, onToken));
    });
  });
};
