import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from './request-error.ts';

export const limitRate = async (
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
