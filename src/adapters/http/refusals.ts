import type { Route } from './route.ts';

/** The codes with which any route may refuse a request, by status. */
export const COMMON_CODES: Readonly<Record<number, readonly string[]>> = {
  400: ['http/invalid-request', 'http/invalid-json'],
  401: ['http/unauthorised'],
  403: ['http/forbidden-host', 'http/forbidden-origin', 'http/no-proof'],
  413: ['http/body-too-large'],
  415: ['http/unsupported-media-type'],
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
export const commonStatuses = ({ method, needsToken }: Pick<Route<never>, 'method' | 'needsToken'>): readonly number[] => [
  400,
  ...(needsToken === false ? [] : [401]),
  403,
  ...(method === 'GET' ? [] : [413, 415]),
  429,
  500,
  503,
];
