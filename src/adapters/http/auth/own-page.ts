import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { RequestError } from '../request-error.ts';
import type { SignIn } from './sign-ins.ts';

/** What a page sends beside the cookie. */
export const CSRF_HEADER = 'x-csrf-token';

const READS = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Why a request with a cookie is refused, as it is not of our own page; undefined if it may be. Pages of the same site
 * count as foreign: a browser sends them `SameSite=Strict` cookies, whoever the subdomain belongs to.
 */
export const foreignSite = ({ method, headers, protocol, host }: FastifyRequest): RequestError | undefined => {
  const { origin, 'sec-fetch-site': site } = headers;
  const isOwn = origin?.toLowerCase() === `${protocol}://${host.toLowerCase()}`;
  // A browser names the origin of whatever writes.
  if (origin === undefined ? !READS.includes(method) : !isOwn) return refused();
  return site === undefined || site === 'same-origin' || site === 'none' ? undefined : refused();
};

const refused = (): RequestError =>
  new RequestError(403, 'http/forbidden-origin', 'only the page of this server itself may use its sign-in', {
    hint: 'programs send the token as “Authorization: Bearer <token>”',
  });

/** Checks the token that whatever writes must send. */
export const makeCsrfCheck =
  (csrfTokenOf: (signIn: SignIn) => string) =>
  ({ method, headers }: FastifyRequest, signIn: SignIn): RequestError | undefined => {
    if (READS.includes(method)) return undefined;
    const [shown, expected] = [headers[CSRF_HEADER], csrfTokenOf(signIn)].map((text) => Buffer.from(String(text ?? '')));
    if (shown && expected && shown.length === expected.length && timingSafeEqual(shown, expected)) return undefined;
    return new RequestError(403, 'http/no-proof', `the header ${CSRF_HEADER} is missing or not that of this sign-in`, {
      hint: 'GET /api/v1/session tells it as “csrfToken”',
    });
  };
