import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Events, KeyValueState } from '../../../ports/index.ts';
import { RequestError } from '../request-error.ts';
import { cookieIn, cookieLine, fullName, mayHoldCookie } from './cookie.ts';
import { foreignSite, makeCsrfCheck } from './own-page.ts';
import { makeSignIns, makeUnstoredState, type SignIn } from './sign-ins.ts';
import { makeThrottle } from './throttle.ts';

/** Whether a request may use the API, by what it shows. Neither `refusal` nor `failure`: it may. */
export interface Authentication {
  /** Why it may not. */
  readonly refusal?: RequestError;
  /** Present: the store of sign-ins failed, so that nobody knows. Nothing else is present then. */
  readonly failure?: unknown;
  /** Absent where the token itself was shown, or none is wanted. */
  readonly signIn?: SignIn;
}

type Headers = Readonly<Record<string, string>>;

export interface Authenticator {
  /** Whether a token is wanted here. */
  readonly isTokenRequired: boolean;
  /** Reads each request once. Never rejects: routes that need no token answer also while the store fails. */
  authenticate(request: FastifyRequest): Promise<Authentication>;
  /** Whether the request shows the right token, apart from any sign-in. */
  holdsToken(request: FastifyRequest): boolean;
  /** Why that token is refused; undefined if it is right. Wrong ones slow their address down. */
  checkToken(address: string, token: string): RequestError | undefined;
  /** Puts off the end of the sign-in, by a cookie in the reply, and ends the reply with it where that is a stream. */
  applySignIn(signIn: SignIn, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** With the headers of the answer that give the cookie. */
  signIn(request: FastifyRequest): Promise<{ readonly signIn: SignIn; readonly headers: Headers }>;
  /** Ends the sign-in of this request, or all that there are. Resolves to the headers that take the cookie back. */
  signOut(request: FastifyRequest, options: { readonly everywhere: boolean }): Promise<Headers>;
  /** What the page sends as `X-CSRF-Token`, beside the cookie. */
  csrfTokenOf(signIn: SignIn): string;
}

const WATCH_MS = 1_000;

/**
 * Says who may use the API. Programs show the token. People sign in by it at the page: a cookie says so from then on,
 * and whatever writes sends a CSRF token, too, which pages of other sites can't have. Where no token is set, everybody
 * may.
 */
export const makeAuthenticator = ({
  apiToken,
  state = makeUnstoredState(),
  events,
  now = Date.now,
}: {
  readonly apiToken: string | undefined;
  /** Default: sign-ins end with the process. */
  readonly state?: KeyValueState | undefined;
  readonly events: Events;
  readonly now?: (() => number) | undefined;
}): Authenticator => {
  if (apiToken === undefined) return OPEN;
  const signIns = makeSignIns({ token: apiToken, state, now });
  const checkCsrfToken = makeCsrfCheck(signIns.csrfTokenOf);
  const checkToken = makeTokenCheck(apiToken, events, now);
  const streams = watchStreams(signIns.holds);
  const known = new WeakMap<FastifyRequest, Promise<Authentication>>();

  const readCookie = async (request: FastifyRequest): Promise<Authentication> => {
    const { cookie: header } = request.headers;
    // The name is stored: whoever brings no cookie of ours costs no look at the store.
    const cookie = mayHoldCookie(header) ? cookieIn(header, fullName(await signIns.cookieName(), request)) : undefined;
    if (cookie === undefined) return { refusal: unauthorised('this server wants a token') };
    // First, so that no other site learns whether somebody is signed in.
    const foreign = foreignSite(request);
    if (foreign) return { refusal: foreign };
    const signIn = await signIns.read(cookie);
    if (!signIn) return { refusal: unauthorised('this sign-in is over') };
    const refusal = checkCsrfToken(request, signIn);
    return refusal ? { refusal } : { signIn };
  };
  const read = async (request: FastifyRequest): Promise<Authentication> => {
    const { headers, ip } = request;
    const [, given] = BEARER.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined) {
      const refusal = checkToken(ip, given);
      return refusal ? { refusal } : {};
    }
    return readCookie(request).catch((failure: unknown) => ({ failure }));
  };
  const cookieHeader = async (request: FastifyRequest, signIn: SignIn | undefined): Promise<Headers> => {
    const value = signIn && { text: signIns.cookieOf(signIn), maxAgeMs: signIn.endsAt - now() };
    return { 'set-cookie': cookieLine(fullName(await signIns.cookieName(), request), request, value) };
  };

  return {
    isTokenRequired: true,
    checkToken,
    holdsToken: ({ headers, ip }) => {
      const [, given] = BEARER.exec(headers.authorization ?? '') ?? [];
      return given !== undefined && checkToken(ip, given) === undefined;
    },
    authenticate: (request) => {
      const reading = known.get(request) ?? read(request);
      known.set(request, reading);
      return reading;
    },
    applySignIn: async (signIn, request, reply) => {
      reply.header('cache-control', 'no-store');
      const renewed = signIns.renewed(signIn);
      if (renewed) reply.headers(await cookieHeader(request, renewed));
      streams.add(reply.raw, renewed ?? signIn);
    },
    signIn: async (request) => {
      const signIn = await signIns.begin();
      return { signIn, headers: await cookieHeader(request, signIn) };
    },
    signOut: async (request, { everywhere }) => {
      const { signIn } = (await known.get(request)) ?? {};
      if (everywhere) {
        await signIns.endAll();
        events.emit({ type: 'http-noticed', notice: 'signed-out-everywhere', facts: { address: request.ip } });
      } else if (signIn) await signIns.end(signIn);
      await streams.sweep();
      return cookieHeader(request, undefined);
    },
    csrfTokenOf: signIns.csrfTokenOf,
  };
};

/** That of an IPv6 address with an IPv4 address in it. */
const MAX_ADDRESS_LENGTH = 45;

const BEARER = /^Bearer +(.+)$/i;

const unauthorised = (message: string): RequestError =>
  new RequestError(401, 'http/unauthorised', message, {
    hint: 'send it as “Authorization: Bearer <token>”, or sign in at the page; it is the value of KEPT_API_TOKEN in the server’s configuration',
    headers: { 'www-authenticate': 'Bearer' },
  });

const tooMany = (waitMs: number): RequestError => {
  const seconds = Math.ceil(waitMs / 1_000);
  return new RequestError(429, 'http/too-many-guesses', 'too many wrong tokens came from your address', {
    hint: `try again in ${seconds} s`,
    headers: { 'retry-after': String(seconds) },
  });
};

/** Takes the same time for every wrong token. */
const makeTokenCheck = (token: string, events: Events, now: () => number) => {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);
  const throttle = makeThrottle(now);
  return (ip: string, given: string): RequestError | undefined => {
    // What a proxy hands on as an address may be anything.
    const address = normalizeIP(ip).slice(0, MAX_ADDRESS_LENGTH);
    const waitMs = throttle.waitMs(address);
    // Not even looked at: else the wait would hold up nobody who guesses right.
    if (waitMs > 0 && !throttle.isKnown(address)) return tooMany(waitMs);
    const shown = digest(given);
    if (timingSafeEqual(shown, expected)) {
      throttle.right(address);
      return undefined;
    }
    const guess = throttle.wrong(address, shown.toString('base64'));
    if (guess && guess.waitMs > 0) events.emit({ type: 'http-noticed', notice: 'guesses-slowed', facts: { address, ...guess } });
    return waitMs > 0 ? tooMany(throttle.waitMs(address)) : unauthorised('that is not this server’s token');
  };
};

/** Answers that go on end with the sign-in that they were given to. */
const watchStreams = (holds: (signIn: SignIn) => Promise<boolean>) => {
  const open = new Map<ServerResponse, SignIn>();
  let timer: NodeJS.Timeout | undefined;

  const sweep = async (): Promise<void> => {
    for (const [response, signIn] of open) {
      // Whether it was ended can't be seen while the store fails. Its own end is known without the store.
      const isOver = await holds(signIn).then(
        (still) => !still,
        () => false,
      );
      if (isOver && response.headersSent && !response.writableEnded) response.end();
    }
  };
  return {
    sweep,
    add: (response: ServerResponse, signIn: SignIn): void => {
      for (const [each, { id, endsAt }] of open) if (id === signIn.id && endsAt < signIn.endsAt) open.set(each, signIn);
      open.set(response, signIn);
      timer ??= setInterval(() => void sweep(), WATCH_MS).unref();
      response.once('close', () => {
        open.delete(response);
        if (open.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
    },
  };
};

const nobodySignsIn = (): never => {
  throw new RequestError(409, 'http/no-sign-in', 'nobody signs in here: no token is set', { hint: 'set KEPT_API_TOKEN to want one' });
};
const OPEN: Authenticator = {
  isTokenRequired: false,
  holdsToken: () => false,
  authenticate: async () => ({}),
  checkToken: () => undefined,
  applySignIn: async () => undefined,
  signIn: nobodySignsIn,
  signOut: nobodySignsIn,
  csrfTokenOf: nobodySignsIn,
};
