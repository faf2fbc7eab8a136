import type { FastifyRequest } from 'fastify';

/** What counts of a request: whether its browser came by TLS, to us or to a proxy that we believe. */
type Way = Pick<FastifyRequest, 'protocol'>;

/** What the names of all cookies of Kept begin with. */
export const COOKIE_PREFIX = 'kept-';

/** Over TLS no other host, and no page without TLS, can have set a cookie of such a name. */
export const fullName = (name: string, { protocol }: Way): string => (protocol === 'https' ? `__Host-${name}` : name);

/** Whether the header `Cookie` may have one of Kept, of whatever installation. */
export const mayHoldCookie = (header: string | undefined): boolean => header?.includes(COOKIE_PREFIX) ?? false;

/** The value of a cookie in the header `Cookie`. */
export const cookieIn = (header: string | undefined, name: string): string | undefined =>
  header
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(`${name}=`))
    ?.slice(name.length + 1);

/** The header `Set-Cookie`; without a value it takes the cookie back. */
export const cookieLine = (
  name: string,
  { protocol }: Way,
  value: { readonly text: string; readonly maxAgeMs: number } | undefined,
): string =>
  [
    `${name}=${value?.text ?? ''}`,
    'Path=/',
    `Max-Age=${value === undefined ? 0 : Math.max(0, Math.ceil(value.maxAgeMs / 1_000))}`,
    'HttpOnly',
    'SameSite=Strict',
    ...(protocol === 'https' ? ['Secure'] : []),
  ].join('; ');
