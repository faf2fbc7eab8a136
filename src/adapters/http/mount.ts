import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ROUTES_DOC } from './errors.ts';
import { RequestError } from './request-error.ts';

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Something to read, beside the API; HEAD is answered like GET, without the body. */
export const mountGet = (app: FastifyInstance, url: string, handler: Handler): void => {
  app.route({ method: 'GET', url, handler, exposeHeadRoute: true });
  mountElse(app, url, ['GET', 'HEAD']);
};

/** Answers the methods that a path does not have with 405. */
export const mountElse = (app: FastifyInstance, url: string, allowed: readonly string[]): void => {
  const names = allowed.join(', ');
  const method = METHODS.filter((each) => !allowed.includes(each));
  app.route({
    method,
    url,
    handler: async (request) => {
      throw new RequestError(405, 'http/method-not-allowed', `${request.method} is not possible here, only ${names}`, {
        hint: `the routes are described in ${ROUTES_DOC}`,
        headers: { allow: names },
      });
    },
  });
};
