import type { ModelRequest } from '../../src/ports/index.ts';
import type { ModelFailure } from '../../src/testing/index.ts';
import { aRequest } from './model-peer.ts';

const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} } };

/** Makes requests, with a tool, to a server that plays a script: each adds the reply that it is to get. */
export const requestsFor =
  <Reply>(script: Reply[]) =>
  (reply: Reply) =>
  (): ModelRequest => {
    script.push(reply);
    return aRequest({ tools: [LOOK] });
  };

/** What a request fails with when the server answers with each status; `unavailable` is that of a server in trouble. */
export const failuresBy = (failing: (status: number) => () => ModelRequest, unavailable: number): readonly ModelFailure[] => [
  { code: 'rate-limited', retryable: true, request: failing(429) },
  { code: 'unavailable', retryable: true, request: failing(unavailable) },
  { code: 'unauthorised', retryable: false, request: failing(401) },
  { code: 'not-found', retryable: false, request: failing(404) },
  { code: 'out-of-credit', retryable: false, request: failing(402) },
  { code: 'too-long', retryable: false, request: failing(413) },
];
