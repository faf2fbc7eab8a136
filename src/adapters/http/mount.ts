import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * One path with its handlers; HEAD is answered like GET, unless the answer never ends, and the other methods with 405.
 */
export const mount = (
  app: FastifyInstance,
  url: string,
  handlers: { readonly GET?: Handler; readonly POST?: Handler },
  { endless = false } = {},
): void => {
  const withHead = handlers.GET !== undefined && !endless;
  for (const [method, handler] of Object.entries(handlers))
    app.route({ method, url, handler, exposeHeadRoute: withHead && method === 'GET' });
  const allowed = [...Object.keys(handlers), ...(withHead ? ['HEAD'] : [])];
  const names = allowed.join(', ');
  app.route({
    method: METHODS.filter((method) => !allowed.includes(method)),
    url,
    handler: async (request) => {
      throw new RequestError(405, 'http/method-not-allowed', `${request.method} is not possible here, only ${names}`, {
        hint: `the routes are described in ${ROUTES_DOC}`,
        headers: { allow: names },
      });
    },
  });
};
