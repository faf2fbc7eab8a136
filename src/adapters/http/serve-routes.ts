import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RequestAuth } from './auth/request-auth.ts';
import { answerOnce, type IdempotencyParts, KEY_HEADER, senderOf } from './idempotency.ts';
import { NO_BODY, NO_QUERY } from './inputs.ts';
import { mountElse } from './mount.ts';
import { parse, queryHint } from './read-request.ts';
import { RequestError } from './request-error.ts';
import { Answer, type Asked, EventStream, type Route, takesKey } from './route.ts';
import type { OpenStreams } from './streams.ts';

/** Where the API stands: the version, and the place of before there were versions, which answers alike. */
export const API_BASES = ['/api/v1', '/api'] as const;

export const addressesOf = ({ at, path }: Pick<Route, 'at' | 'path'>): readonly string[] =>
  at === 'root' ? [path] : API_BASES.map((base) => base + path);

/** The route that a request has reached; undefined where it is none of the API. */
export const routeOf = ({ routeOptions: { config } }: FastifyRequest): Route<never> | undefined =>
  (config as { readonly definition?: Route<never> }).definition;

/** Both are rate-limited; `guarded` wants the token. */
export interface Scopes {
  readonly open: FastifyInstance;
  readonly guarded: FastifyInstance;
}

export interface Serving {
  readonly authOf: (request: FastifyRequest) => RequestAuth;
  readonly streams?: OpenStreams;
  /** Absent: requests with an idempotency key are refused. */
  readonly idempotency?: IdempotencyParts | undefined;
}

/** For whoever hosts Kept as a library. */
const NO_KEYS = 'leave the header Idempotency-Key out; the host of this server gives it no `idempotency`';

/**
 * Mounts each route at its addresses. HEAD is answered like GET, unless the answer never ends, and methods that a path
 * does not have with 405.
 */
export const serveRoutes = <Context>(
  { open, guarded }: Scopes,
  routes: readonly Route<Context>[],
  context: Context,
  { authOf, streams, idempotency }: Serving,
): void => {
  const byAddress = new Map<string, Route<Context>[]>();
  for (const route of routes) for (const url of addressesOf(route)) byAddress.set(url, [...(byAddress.get(url) ?? []), route]);
  const scopeOf = ({ needsToken }: Route<Context>): FastifyInstance => (needsToken === false ? open : guarded);
  for (const [url, here] of byAddress) {
    for (const route of here)
      scopeOf(route).route({
        method: route.method,
        url,
        config: { definition: route } as object,
        exposeHeadRoute: hasHead(route),
        handler: async (request, reply) => {
          const auth = authOf(request);
          const { signedIn: isTrusted, csrfToken } = await auth.status();
          const read = readRequest(route, request);
          const asked = { ...read, headers: request.headers, isTrusted, auth };
          // RFC 9745: a date as a structured field.
          if (route.deprecated) reply.header('deprecation', `@${Date.parse(route.deprecated.since) / 1_000}`);
          const key = request.headers[KEY_HEADER];
          if (key === undefined || !takesKey(route)) return send(reply, await route.handle(asked, context), streams);
          if (!idempotency)
            throw new RequestError(400, 'http/keys-not-offered', 'idempotency keys are not offered here', { hint: NO_KEYS });
          const sent = { route, asked: read, key: String(key), sender: senderOf(request, csrfToken) };
          return send(reply, await answerOnce(idempotency, sent, (once) => route.handle({ ...asked, once }, context)), streams);
        },
      });
    mountElse(
      here.every(({ needsToken }) => needsToken === false) ? open : guarded,
      url,
      here.flatMap((route) => [route.method, ...(hasHead(route) ? ['HEAD'] : [])]),
    );
  }
};

const hasHead = ({ method, events }: Pick<Route, 'method' | 'events'>): boolean => method === 'GET' && events === undefined;

const readRequest = (
  route: Route<never>,
  { params, query, body }: FastifyRequest,
): Pick<Asked<unknown, unknown, unknown>, 'params' | 'query' | 'body'> => ({
  params: route.params && parse(route.params, params),
  // Whoever supervises the process may add what it likes.
  query: route.at === 'root' && !route.query ? undefined : parse(route.query ?? NO_QUERY, query, queryHint(route)),
  body: route.method === 'GET' ? undefined : parse(route.body ?? NO_BODY, body ?? undefined),
});

const send = (reply: FastifyReply, result: unknown, streams: OpenStreams | undefined): FastifyReply => {
  if (result instanceof EventStream && streams) return streams.open(reply, result);
  if (result instanceof Answer) return reply.code(result.status).headers(result.headers).send(result.body);
  return reply.send(result);
};
