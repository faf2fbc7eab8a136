import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Visit } from './door/visit.ts';
import { NO_BODY, NO_QUERY } from './inputs.ts';
import { mountElse } from './mount.ts';
import { parse, queryHint } from './read-request.ts';
import { Answer, type Asked, EventStream, type Route } from './route.ts';
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

/**
 * Mounts each route at its addresses. HEAD is answered like GET, unless the answer never ends, and methods that a path
 * does not have with 405.
 */
export const serveRoutes = <Context>(
  { open, guarded }: Scopes,
  routes: readonly Route<Context>[],
  context: Context,
  { visitOf, streams }: { readonly visitOf: (request: FastifyRequest) => Visit; readonly streams?: OpenStreams },
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
          const visit = visitOf(request);
          const { signedIn: isTrusted } = await visit.stands();
          const asked = { ...readRequest(route, request), headers: request.headers, isTrusted, visit };
          // RFC 9745: a date as a structured field.
          if (route.deprecated) reply.header('deprecation', `@${Date.parse(route.deprecated.since) / 1_000}`);
          return send(reply, await route.handle(asked, context), streams);
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
