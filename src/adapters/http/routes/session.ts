import { z } from 'zod';
import { body, flag, query } from '../inputs.ts';
import { Answer, defineRoute } from '../route.ts';
import { session } from '../schemas/session.ts';

const UNSTORED = { 'cache-control': 'no-store' };

/** Sign-in at the page: the token is shown once, then a cookie says so. */
export const sessionRoutes = [
  defineRoute({
    method: 'GET',
    path: '/session',
    id: 'getSession',
    tag: 'session',
    summary: 'Whether whoever asks is signed in',
    needsToken: false,
    replies: { 200: session },
    handle: async ({ auth }) => new Answer(200, await auth.knownStatus(), UNSTORED),
  }),
  defineRoute({
    method: 'POST',
    path: '/session',
    id: 'signIn',
    tag: 'session',
    summary: 'Signs in by the token, and sets a cookie',
    description: 'For pages in a browser. Programs send the token with each request instead.',
    needsToken: false,
    body: body(
      { token: z.string({ error: 'must be the token of this server' }).min(1, 'must not be empty').max(1_000) },
      { token: 'the value of KEPT_API_TOKEN' },
    ),
    replies: { 200: session },
    refusals: { 401: ['http/unauthorised'], 409: ['http/no-sign-in'] },
    handle: async ({ auth, body: { token } }) => {
      const { status, headers } = await auth.signIn(token);
      return new Answer(200, status, { ...headers, ...UNSTORED });
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/session',
    id: 'signOut',
    tag: 'session',
    summary: 'Signs out, and ends the event streams of that sign-in',
    description: '`everywhere` ends every sign-in there is, in every browser.',
    needsToken: false,
    query: query({ everywhere: flag }),
    replies: { 200: session },
    refusals: { 401: ['http/unauthorised'], 409: ['http/no-sign-in'] },
    handle: async ({ auth, query: { everywhere } }) => {
      const { status, headers } = await auth.signOut({ everywhere });
      return new Answer(200, status, { ...headers, ...UNSTORED });
    },
  }),
];
