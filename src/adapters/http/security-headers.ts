import type { FastifyRequest } from 'fastify';

const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  // A browser that looks up the hosts of links tells them to their owners, though nobody has followed one.
  'x-dns-prefetch-control': 'off',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const HSTS = { 'strict-transport-security': 'max-age=31536000' };

/** `localhost` gets no HSTS: a browser that learns it demands TLS of every other server of this machine. */
export const securityHeaders = ({ protocol, host }: FastifyRequest): Readonly<Record<string, string>> =>
  protocol === 'https' && !/^localhost(?::\d+)?$/i.test(host) ? { ...SECURITY_HEADERS, ...HSTS } : SECURITY_HEADERS;
