import { type Route, takesKey } from './route.ts';

/** The codes with which any route may refuse a request, by status. */
export const COMMON_CODES: Readonly<Record<number, readonly string[]>> = {
  400: ['http/invalid-request', 'http/invalid-json', 'http/invalid-key', 'http/keys-not-offered'],
  401: ['http/unauthorised'],
  403: ['http/forbidden-host', 'http/forbidden-origin', 'http/no-proof'],
  409: ['http/key-in-use'],
  413: ['http/body-too-large'],
  415: ['http/unsupported-media-type'],
  422: ['http/key-reused'],
  429: ['http/rate-limited', 'http/too-many-guesses'],
  500: ['http/internal'],
  503: [
    'http/too-many-streams',
    'storage/unavailable',
    'storage/timeout',
    'storage/concurrency',
    'storage/storage-full',
    'storage/storage-corrupt',
    'storage/unknown',
  ],
};

/** The statuses of refusals that this route shares with others. */
export const commonStatuses = (route: Pick<Route<never>, 'method' | 'needsToken' | 'writes' | 'tag'>): readonly number[] => [
  400,
  ...(route.needsToken === false ? [] : [401]),
  403,
  ...(route.method === 'GET' ? [] : [413, 415]),
  ...(takesKey(route) ? [409, 422] : []),
  429,
  500,
  503,
];
