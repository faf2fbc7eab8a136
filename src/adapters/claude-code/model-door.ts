import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { pipeline, Transform } from 'node:stream';
import { PortError, reasonOf } from '../../ports/index.ts';

export interface ModelDoor {
  /** What stands for the address of the API. */
  readonly url: string;
  /** What stands for the key. Of no use anywhere else, nor after the door is closed. */
  readonly token: string;
  close(): void;
}

const makeToken = (): string => `kept-run-${randomBytes(24).toString('hex')}`;

/** What one answer of the API may take. */
export interface DoorBounds {
  /** How long the API may be silent before it answers. */
  readonly silenceMs: number;
  /** How long it may be silent in the middle of a stream: it sends pings while its model thinks. */
  readonly streamSilenceMs: number;
  readonly maxAnswerBytes: number;
}

const BOUNDS: DoorBounds = { silenceMs: 10 * 60_000, streamSilenceMs: 3 * 60_000, maxAnswerBytes: 64 * 1024 ** 2 };

/** Headers that belong to one connection, or that the door sets by itself. */
const NOT_PASSED = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authorization',
  'expect',
]);

/**
 * A server on this machine through which one run of an agent reaches its model. It adds the key: so the agent, and
 * whatever runs in it, never has it. It passes on nothing but calls of the Messages API.
 */
export const openModelDoor = async ({
  apiKey,
  baseUrl,
  bounds = {},
}: {
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly bounds?: Partial<DoorBounds> | undefined;
}): Promise<ModelDoor> => {
  const token = makeToken();
  const way = { apiKey, baseUrl, token, bounds: { ...BOUNDS, ...bounds } };
  const server = createServer((request, response) => pass(request, response, way));
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening').catch((error: unknown) => {
    throw new PortError('unavailable', `the way to the model can't be opened: ${reasonOf(error)}`, { retryable: true, cause: error });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const pass = (
  request: IncomingMessage,
  response: ServerResponse,
  {
    apiKey,
    baseUrl,
    token,
    bounds,
  }: { readonly apiKey: string; readonly baseUrl: string; readonly token: string; readonly bounds: DoorBounds },
): void => {
  response.on('error', () => undefined);
  const byKey = same(String(request.headers['x-api-key'] ?? ''), token);
  const byBearer = same(request.headers.authorization ?? '', `Bearer ${token}`);
  if (!byKey && !byBearer) {
    refuse(response, 401, 'authentication_error', 'this is not the token of a run');
    return;
  }
  const path = request.url ?? '';
  if (request.method !== 'POST' || !/^\/v1\/messages(\/count_tokens)?(\?|$)/.test(path)) {
    refuse(response, 404, 'not_found_error', 'only the Messages API is passed on');
    return;
  }
  const { 'x-api-key': _, authorization: __, ...given } = request.headers;
  const headers = {
    ...Object.fromEntries(Object.entries(given).filter(([name, value]) => !NOT_PASSED.has(name) && value !== undefined)),
    ...(byKey ? { 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` }),
  };
  const target = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  const upstream = send(target, { method: 'POST', headers, timeout: bounds.silenceMs });
  upstream.on('timeout', () => upstream.destroy(new Error('the API was silent for too long')));
  upstream.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else refuse(response, 502, 'api_error', `the model can't be reached: ${reasonOf(error)}`);
  });
  upstream.on('response', (answer) => {
    const kept = Object.entries(answer.headers).filter(([name, value]) => !NOT_PASSED.has(name) && value !== undefined);
    response.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept) as Record<string, string | string[]>);
    if (/^text\/event-stream/i.test(answer.headers['content-type'] ?? '')) upstream.setTimeout(bounds.streamSilenceMs);
    // A connection that breaks on one side breaks on the other.
    pipeline(answer, atMost(bounds.maxAnswerBytes), response, () => undefined);
  });
  response.on('close', () => upstream.destroy());
  pipeline(request, upstream, () => undefined);
};

/** Passes bytes on, and fails where there are more of them. */
const atMost = (bytes: number): Transform => {
  let left = bytes;
  return new Transform({
    transform: (chunk: Buffer, _, done) => {
      left -= chunk.length;
      if (left < 0) done(new Error('the answer has no end'));
      else done(null, chunk);
    },
  });
};

const refuse = (response: ServerResponse, status: number, type: string, message: string): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error: { type, message } }));

const same = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
