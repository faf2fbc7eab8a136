import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Events, KeyValueState } from '../../../ports/index.ts';
import { RequestError } from '../request-error.ts';
import { cookieIn, cookieLine, fullName, mayHoldCookie } from './cookie.ts';
import { foreignSite, makeProofCheck } from './own-page.ts';
import { makeSignIns, makeUnstoredState, type SignIn } from './sign-ins.ts';
import { makeThrottle } from './throttle.ts';

/** Who a request is of: somebody who may come in, or why not. */
export interface Admission {
  readonly refusal?: RequestError;
  /** Present: the store of sign-ins failed, so that nobody knows. Nothing else is present then. */
  readonly failure?: unknown;
  /** Absent where the token itself was shown, or none is wanted. */
  readonly signIn?: SignIn;
}

type Headers = Readonly<Record<string, string>>;

export interface Door {
  /** Whether a token is wanted here. */
  readonly isGuarded: boolean;
  /** Looks once at each request, whoever asks how often. Never rejects: what needs nobody answers without the store. */
  look(request: FastifyRequest): Promise<Admission>;
  /** Whether the request shows the right token, apart from any sign-in. */
  holdsToken(request: FastifyRequest): boolean;
  /** Why that token opens nothing here; undefined if it does. */
  tryToken(address: string, token: string): RequestError | undefined;
  /** What goes with an answer to somebody who is signed in: a later end, and that a stream ends with the sign-in. */
  accompany(signIn: SignIn, request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** With the headers of the answer that give the cookie. */
  signIn(request: FastifyRequest): Promise<{ readonly signIn: SignIn; readonly headers: Headers }>;
  /** Ends the sign-in of this request, or all that there are. Resolves to the headers that take the cookie back. */
  signOut(request: FastifyRequest, options: { readonly everywhere: boolean }): Promise<Headers>;
  /** What the page must show beside the cookie. */
  proofOf(signIn: SignIn): string;
}

const WATCH_MS = 1_000;

/**
 * The one door of the API. A token opens it to programs, a sign-in to people at the page: a cookie, and for whatever
 * writes a second value, which pages of other sites can't have. Without a token set, it stands open.
 */
export const makeDoor = ({
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
}): Door => {
  if (apiToken === undefined) return OPEN;
  const signIns = makeSignIns({ token: apiToken, state, now });
  const requireProof = makeProofCheck(signIns.proofOf);
  const tryToken = makeTokenTrial(apiToken, events, now);
  const streams = watchStreams(signIns.holds);
  const looked = new WeakMap<FastifyRequest, Promise<Admission>>();

  const lookForCookie = async (request: FastifyRequest): Promise<Admission> => {
    const { cookie: header } = request.headers;
    // The name is stored: whoever brings no cookie of ours costs no look at the store.
    const cookie = mayHoldCookie(header) ? cookieIn(header, fullName(await signIns.cookieName(), request)) : undefined;
    if (cookie === undefined) return { refusal: unauthorised('this server wants a token') };
    // First, so that no other site learns whether somebody is signed in.
    const foreign = foreignSite(request);
    if (foreign) return { refusal: foreign };
    const signIn = await signIns.read(cookie);
    if (!signIn) return { refusal: unauthorised('this sign-in is over') };
    const refusal = requireProof(request, signIn);
    return refusal ? { refusal } : { signIn };
  };
  const lookAt = async (request: FastifyRequest): Promise<Admission> => {
    const { headers, ip } = request;
    const [, given] = BEARER.exec(headers.authorization ?? '') ?? [];
    if (given !== undefined) {
      const refusal = tryToken(ip, given);
      return refusal ? { refusal } : {};
    }
    return lookForCookie(request).catch((failure: unknown) => ({ failure }));
  };
  const cookieHeader = async (request: FastifyRequest, signIn: SignIn | undefined): Promise<Headers> => {
    const value = signIn && { text: signIns.cookieOf(signIn), maxAgeMs: signIn.endsAt - now() };
    return { 'set-cookie': cookieLine(fullName(await signIns.cookieName(), request), request, value) };
  };

  return {
    isGuarded: true,
    tryToken,
    holdsToken: ({ headers, ip }) => {
      const [, given] = BEARER.exec(headers.authorization ?? '') ?? [];
      return given !== undefined && tryToken(ip, given) === undefined;
    },
    look: (request) => {
      const looking = looked.get(request) ?? lookAt(request);
      looked.set(request, looking);
      return looking;
    },
    accompany: async (signIn, request, reply) => {
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
      const { signIn } = (await looked.get(request)) ?? {};
      if (everywhere) {
        await signIns.endAll();
        events.emit({ type: 'http-noticed', notice: 'signed-out-everywhere', facts: { address: request.ip } });
      } else if (signIn) await signIns.end(signIn);
      await streams.sweep();
      return cookieHeader(request, undefined);
    },
    proofOf: signIns.proofOf,
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
const makeTokenTrial = (token: string, events: Events, now: () => number) => {
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
const OPEN: Door = {
  isGuarded: false,
  holdsToken: () => false,
  look: async () => ({}),
  tryToken: () => undefined,
  accompany: async () => undefined,
  signIn: nobodySignsIn,
  signOut: nobodySignsIn,
  proofOf: nobodySignsIn,
};
