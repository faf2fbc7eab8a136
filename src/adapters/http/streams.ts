import type { FastifyReply } from 'fastify';
import { type EventStreamLimits, makeFrameWriter } from './frame-writer.ts';
import { RequestError } from './request-error.ts';
import type { EventStream, StreamEvents, StreamedEvent } from './route.ts';

/** The event streams that are open. */
export interface OpenStreams {
  /** Throws a refusal where too many are open. */
  open(reply: FastifyReply, source: EventStream): FastifyReply;
  /** Ends each of them. */
  end(): void;
}

type SomeEvent = StreamedEvent<StreamEvents>;

/** More than people have windows of the page, and few enough to be served all at once. */
const MAX_STREAMS = 200;

export const makeOpenStreams = (limits: EventStreamLimits, onEvent?: (reply: FastifyReply, event: SomeEvent) => void): OpenStreams => {
  /** How to end each one. */
  const open = new Set<() => void>();
  return {
    open: (reply, source) => {
      if (open.size >= MAX_STREAMS)
        throw new RequestError(503, 'http/too-many-streams', `${MAX_STREAMS} event streams are open already`, {
          hint: 'close some, or come back later',
          headers: { 'retry-after': '10' },
        });
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
      const unsubscribe = source.open((event) => {
        onEvent?.(reply, event);
        return writer.write(event.key, frameOf(event));
      });
      const end = (): void => void reply.raw.end();
      open.add(end);
      reply.raw.once('close', () => {
        unsubscribe();
        open.delete(end);
      });
      return reply;
    },
    end: () => {
      for (const end of open) end();
    },
  };
};

const frameOf = ({ event, id, data }: SomeEvent): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
