import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from './request-error.ts';

/** Who asks, as far as rates go. They are counted apart: none locks out another who comes from the same address. */
export type Caller = 'program' | 'page' | 'stranger';

const SIGNED_IN = ' signed in';
const KEYS: Readonly<Record<Caller, string>> = { program: '', page: SIGNED_IN, stranger: ' guesses' };
/** A page asks much more often than a program: for each of the things that it shows. */
const PAGE_FACTOR = 10;

export const limitRate = async (
  scope: FastifyInstance,
  max: number,
  {
    isFree,
    callerOf,
  }: {
    readonly isFree: (request: FastifyRequest) => boolean;
    readonly callerOf: (request: FastifyRequest) => Promise<Caller>;
  },
): Promise<void> => {
  await scope.register(rateLimit, {
    max: (_request, key) => (key.endsWith(SIGNED_IN) ? max * PAGE_FACTOR : max),
    timeWindow: 60_000,
    allowList: isFree,
    keyGenerator: async (request) => normalizeIP(request.ip) + KEYS[await callerOf(request)],
    errorResponseBuilder: (_request, { ttl, max: most }) =>
      new RequestError(429, 'http/rate-limited', `more than ${most} requests in a minute`, {
        hint: `try again in ${Math.ceil(ttl / 1000)} s`,
      }),
  });
};
