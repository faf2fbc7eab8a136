import { once } from 'node:events';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { request as requestByTls } from 'node:https';
import type { HttpServerOptions } from '../../src/adapters/http/index.ts';
import { present } from '../../src/domain/shared/present.ts';
import { makeScriptedApi, type ScriptedApi, serve } from './http-api.ts';

export const JSON_TYPE = { 'content-type': 'application/json' };

/** Opens servers with their clients; `closers` gets what is to be closed after the test. */
export const makeOpen = (closers: (() => Promise<unknown>)[]) => {
  return async (options: Partial<HttpServerOptions> = {}, scripted: ScriptedApi = makeScriptedApi()) => {
    const server = await serve(scripted, options);
    closers.push(server.close);
    const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...(body === undefined ? {} : JSON_TYPE), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    };
    const stream = async (path = '', headers: Record<string, string> = {}) => {
      const opened = await openStream(`${server.url}/api/chat/stream${path}`, headers);
      closers.push(async () => {
        opened.leave();
        await opened.ended;
      });
      return opened;
    };
    return { ...scripted, url: server.url, useTls: server.useTls, close: server.close, ask, stream };
  };
};

/** Closes, last opened first, and forgets. */
export const closeAll = async (closers: (() => Promise<unknown>)[]): Promise<void> => {
  for (const close of closers.splice(0).reverse()) await close();
};

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request with exactly these headers, `Host` and `Origin` included, which `fetch` would not send. */
export const rawRequest = async (url: string, options: RequestOptions = {}, body = ''): Promise<RawAnswer> => {
  // The certificates of tests are signed by nobody.
  const sent = url.startsWith('https:')
    ? requestByTls(url, { ...options, agent: false, rejectUnauthorized: false })
    : request(url, { ...options, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks).toString('utf8') };
};

export interface StreamEvent {
  readonly event: string;
  readonly id?: string;
  readonly data: Record<string, unknown>;
}

/** Reads an event stream; `next` waits for an event that fits. */
export const openStream = async (url: string, headers: Record<string, string> = {}) => {
  const leaving = new AbortController();
  const response = await fetch(url, { headers, signal: leaving.signal });
  const events: StreamEvent[] = [];
  const comments: string[] = [];
  let raw = '';
  let wake = (): void => undefined;
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      raw += decoder.decode(chunk, { stream: true });
      const blocks = raw.split('\n\n');
      raw = blocks.pop() as string;
      for (const block of blocks) comments.push(...block.split('\n').filter((line) => line.startsWith(':')));
      events.push(...blocks.flatMap(readBlock));
      wake();
    }
  })().catch((error: Error) => {
    if (error.name !== 'AbortError') throw error;
  });
  const until = async <T>(find: () => T | undefined): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return {
    response,
    events,
    ended,
    comment: () => until(() => comments.shift()),
    next: (fits: (event: StreamEvent) => boolean) => until(() => events.find(fits)),
    leave: () => leaving.abort(),
  };
};

const readBlock = (block: string): StreamEvent[] => {
  const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  const data = fields.get('data');
  const id = fields.get('id');
  return data === undefined ? [] : [{ event: fields.get('event') ?? '', data: JSON.parse(data), ...present({ id }) }];
};
