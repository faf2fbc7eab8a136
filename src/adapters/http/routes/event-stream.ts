import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChatEvent, HttpApi } from '../../../ports/index.ts';
import type { ApiViews } from '../api-views.ts';
import { mount } from '../mount.ts';
import { parse, streamHeaders, streamQuery } from '../requests.ts';
import { type EventStreamLimits, makeFrameWriter } from './frame-writer.ts';

/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) of one chat. A message's event id
 * is its sequence; `Last-Event-ID` (or `?after=`) resumes behind it.
 */
export const mountEventStream = (
  app: FastifyInstance,
  api: HttpApi,
  views: ApiViews,
  /** How to end each stream that is open. */
  open: Set<() => void>,
  limits: EventStreamLimits,
): void => {
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
    const writer = makeFrameWriter(reply.raw, limits);
    void writer.write('', 'retry: 1000\n\n');
    const unsubscribe = api.subscribe(chatId, (event) => writer.write(keyOf(event), frameOf(event, views)), lastEventId);
    const end = (): void => void reply.raw.end();
    open.add(end);
    reply.raw.once('close', () => {
      unsubscribe();
      open.delete(end);
    });
  };
  mount(app, '/api/chat/stream', { GET }, { endless: true });
};

/** Frames with the same key replace each other: only the newest draft, or state of a promise, is worth sending. */
const keyOf = (event: ChatEvent): string => {
  if (event.type === 'draft') return 'draft';
  return event.type === 'message' ? `message ${event.message.messageId}` : `promise ${event.promise.id}`;
};

const frameOf = (event: ChatEvent, views: ApiViews): string => {
  switch (event.type) {
    case 'message':
      return `event: message\nid: ${event.message.sequence}\ndata: ${JSON.stringify(views.message(event.message))}\n\n`;
    case 'draft':
      return `event: draft\ndata: ${JSON.stringify({ text: event.text })}\n\n`;
    case 'promise':
      return `event: promise\ndata: ${JSON.stringify(views.promise(event.promise))}\n\n`;
  }
};
