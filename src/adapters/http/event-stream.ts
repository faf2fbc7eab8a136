import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChatEvent, HttpApi } from './api.ts';
import { parse, streamHeaders, streamQuery } from './requests.ts';
import { mount } from './routes.ts';
import { messageView, promiseView } from './views.ts';

export interface EventStreamLimits {
  /** How often a comment is sent so that proxies and clients see the stream alive. */
  readonly heartbeatMs: number;
  /**
   * How long a client may take in nothing before it is let go. It loses nothing: it comes back with `Last-Event-ID`.
   */
  readonly stallMs: number;
}

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of one chat. A message's event id
 * is its sequence; `Last-Event-ID` (or `?after=`) resumes behind it.
 */
export const mountEventStream = (app: FastifyInstance, api: HttpApi, open: Set<() => void>, limits: EventStreamLimits): void => {
  const GET = async ({ query, headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { chatId, after } = parse(streamQuery, query);
    const { 'Last-Event-ID': lastEventId = after } = parse(streamHeaders, { 'Last-Event-ID': headers['last-event-id'] || undefined });
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      // The connection carries nothing after the stream, so that a server that closes need not wait for it.
      connection: 'close',
      // Proxies that buffer would keep events from the reader.
      'x-accel-buffering': 'no',
    });
    const writer = makeWriter(reply.raw, limits);
    void writer.write('', 'retry: 1000\n\n');
    const unsubscribe = api.subscribe(chatId, (event) => writer.write(keyOf(event), frameOf(event)), lastEventId);
    const end = (): void => void reply.raw.end();
    open.add(end);
    reply.raw.once('close', () => {
      unsubscribe();
      open.delete(end);
    });
  };
  mount(app, '/api/chat/stream', { GET }, { endless: true });
};

/** What stands for what: of a draft, or of one promise, only the newest is worth sending. */
const keyOf = (event: ChatEvent): string => {
  if (event.type === 'draft') return 'draft';
  return event.type === 'message' ? `message ${event.message.messageId}` : `promise ${event.promise.id}`;
};

const frameOf = (event: ChatEvent): string => {
  switch (event.type) {
    case 'message':
      return `event: message\nid: ${event.message.sequence}\ndata: ${JSON.stringify(messageView(event.message))}\n\n`;
    case 'draft':
      return `event: draft\ndata: ${JSON.stringify({ text: event.text })}\n\n`;
    case 'promise':
      return `event: promise\ndata: ${JSON.stringify(promiseView(event.promise))}\n\n`;
  }
};

/**
 * Writes frames no faster than the client reads. `write` resolves when all that waits is on its way, or the client is
 * gone.
 */
const makeWriter = (response: ServerResponse, { heartbeatMs, stallMs }: EventStreamLimits) => {
  const waiting = new Map<string, string>();
  let busy = false;
  let flushed = Promise.resolve();

  const room = (): Promise<void> =>
    new Promise((resolve) => {
      const stalled = setTimeout(() => response.destroy(), stallMs);
      const done = (): void => {
        clearTimeout(stalled);
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.once('drain', done).once('close', done);
    });
  const flush = async (): Promise<void> => {
    busy = true;
    for (const [key, frame] of waiting) {
      waiting.delete(key);
      if (response.closed || response.writableEnded) continue;
      if (!response.write(frame)) await room();
    }
    busy = false;
  };
  const write = (key: string, frame: string): Promise<void> => {
    waiting.delete(key);
    waiting.set(key, frame);
    if (!busy) flushed = flush();
    return flushed;
  };

  const heartbeat = setInterval(() => void write('heartbeat', ': still here\n\n'), heartbeatMs).unref();
  response.once('close', () => clearInterval(heartbeat));
  return { write };
};
