import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import cors from '@fastify/cors';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import { type Events, type HttpApi, type Metrics, silentEvents } from '../../ports/index.ts';
import type { ApiViews } from './api-views.ts';
import { answerBadUrl, answerErrors, pathOf } from './errors.ts';
import { inUrl, makeGuard, makeTokenCheck } from './guard.ts';
import { bodyLimit, readJsonOnly } from './json-body.ts';
import { listenFailure } from './listening.ts';
import { mountPage } from './page.ts';
import { limitRate } from './rate-limit.ts';
import type { RequestError } from './request-error.ts';
import type { Route } from './route.ts';
import { SUPERVISED } from './routes/health.ts';
import { ROUTES } from './routes/index.ts';
import { METRICS_PATH, metricsRoute } from './routes/metrics.ts';
import { securityHeaders } from './security-headers.ts';
import { routeOf, type Scopes, serveRoutes } from './serve-routes.ts';
import { makeOpenStreams, type OpenStreams } from './streams.ts';

export interface HttpServer {
  /** Rejects with PortError `unavailable` when the address is taken or not ours. */
  listen(): Promise<{ readonly url: string }>;
  /** Ends the event streams, lets requests under way finish for a few seconds, then closes their connections. */
  close(): Promise<void>;
}

/** How a server listens, and whom it answers. */
export interface ServerSettings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /**
   * If set, every route under /api, /metrics and /health/report require `Authorization: Bearer <token>`; without it,
   * /health shows only the status, and /health/ready no reasons. Who asks for /metrics with it may call this server by
   * any name.
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
  return makeServer(options, { setting: 'PORT', mountRoutes: (app) => mountAll(app, options, streams), streams });
};

/** Metrics alone, of a process that answers nobody else. */
export const makeMetricsServer = (options: ServerSettings & { readonly metrics: Metrics }): HttpServer =>
  makeServer(options, {
    setting: 'KEPT_METRICS_PORT',
    mountRoutes: (app) => mountLimited(app, options, (scopes, isTrusted) => serveRoutes(scopes, [metricsRoute], options, { isTrusted })),
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
    readonly mountRoutes: (app: FastifyInstance) => Promise<void>;
    readonly streams?: OpenStreams;
  },
): HttpServer => {
  requireNode(process.versions.node);
  const { host, events = silentEvents, tls } = options;
  const app = makeApp(options);
  const port = (): number => (app.server.address() as AddressInfo | null)?.port ?? options.port;
  let closing = false;

  guardRequests(app, options, port);
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close');
  });
  reportRequests(app, events);
  answerErrors(app, events, bodyLimit(options.maxRequestBytes));
  readJsonOnly(app);

  return {
    listen: async () => {
      await mountRoutes(app);
      try {
        await app.listen({ host, port: options.port });
      } catch (error) {
        throw listenFailure(error, { host, port: options.port, setting });
      }
      const url = `${tls ? 'https' : 'http'}://${['0.0.0.0', '::', ''].includes(host) ? 'localhost' : inUrl(host)}:${port()}`;
      events.emit({ type: 'http-noticed', notice: 'listening', facts: { url } });
      return { url };
    },
    close: async () => {
      closing = true;
      streams?.end();
      const cut = setTimeout(() => app.server.closeAllConnections(), options.graceMs ?? 5_000);
      await app.close();
      clearTimeout(cut);
    },
  };
};

const makeApp = ({ maxRequestBytes, tls }: ServerSettings): FastifyInstance =>
  fastify({
    bodyLimit: bodyLimit(maxRequestBytes),
    requestTimeout: 60_000,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => answerBadUrl(error, request, reply.headers(securityHeaders(request))),
    ...(tls ? { https: { cert: tls.cert, key: tls.key } } : {}),
  }) as unknown as FastifyInstance;

/** Checks first who sends a request, and from where. */
const guardRequests = (app: FastifyInstance, { host, tls, corsOrigins, apiToken }: ServerSettings, port: () => number): void => {
  const guard = makeGuard({ host, port, secure: tls !== undefined, corsOrigins, ...present({ apiToken }) });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(request));
    guard(request.headers, pathOf(request) === METRICS_PATH);
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
const mountAll = async (app: FastifyInstance, options: HttpServerOptions, streams: OpenStreams): Promise<void> => {
  const { api, views, metrics, corsOrigins, onReply } = options;
  if (corsOrigins.length > 0)
    await app.register(cors, { origin: corsOrigins.includes('*') ? '*' : [...corsOrigins], methods: ['GET', 'POST'] });
  await mountPage(app);
  if (onReply)
    app.addHook('onSend', async (request, { statusCode: status }, body) => {
      const route = routeOf(request);
      if (route && request.method !== 'HEAD') onReply({ route, status, body });
    });
  await mountLimited(app, options, (scopes, isTrusted) => serveRoutes(scopes, ROUTES, { api, views, metrics }, { isTrusted, streams }));
};

/** Both scopes are rate-limited, and `guarded` wants the token. */
const mountLimited = async (
  app: FastifyInstance,
  { apiToken, rateLimitPerMinute, onToken }: ServerSettings,
  serve: (scopes: Scopes, isTrusted: (request: FastifyRequest) => boolean) => void,
): Promise<void> => {
  const refusal: (headers: IncomingHttpHeaders) => RequestError | undefined =
    apiToken === undefined ? () => undefined : makeTokenCheck(apiToken);
  await app.register(async (open) => {
    if (rateLimitPerMinute !== undefined)
      await limitRate(open, rateLimitPerMinute, {
        // A health check is free. A request with a token counts: the token could be a guess.
        isFree: ({ routeOptions, headers }) =>
          SUPERVISED.includes(routeOptions.url ?? '') && (apiToken === undefined || headers.authorization === undefined),
        // Guesses are counted apart, so that they do not lock out a caller who knows the token.
        isGuess: ({ headers }) => refusal(headers) !== undefined,
      });
    await open.register(async (guarded) => {
      // After the rate limit, so that guesses count; before the body is read.
      guarded.addHook('preParsing', async ({ headers, ip }) => {
        const refused = refusal(headers);
        if (apiToken !== undefined) onToken?.(ip, refused === undefined);
        if (refused) throw refused;
      });
      serve({ open, guarded }, ({ headers }) => refusal(headers) === undefined);
    });
  });
};
