import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { listenHttp } from './loopback.ts';

export const EVENT_STREAM = { 'content-type': 'text/event-stream' };

/**
 * A server that sends the start of a stream to whoever asks; `write` sends more of it, `end` the rest, and `cut` breaks
 * the connections.
 */
export const openStreamPeer = async (start: string) => {
  const streams: ServerResponse[] = [];
  const server = await listenHttp((_, response) => {
    response.writeHead(200, EVENT_STREAM);
    response.write(start);
    streams.push(response);
  });
  return {
    ...server,
    asked: () => streams.length,
    write: (part: string) => {
      for (const stream of streams) stream.write(part);
    },
    end: (rest: string) => {
      for (const stream of streams) stream.end(rest);
    },
  };
};

/** A server that answers everybody with the same part again and again, packed or not, until they go. */
export const openPeerWithoutEnd = (status: number, encoding: 'identity' | 'gzip', part: string) =>
  listenHttp((_, response) => {
    response.writeHead(status, { ...EVENT_STREAM, 'content-encoding': encoding });
    const parts = Readable.from(repeat(part));
    const sent = encoding === 'gzip' ? pipeline(parts, createGzip(), response) : pipeline(parts, response);
    // Whoever has enough goes.
    sent.catch(() => undefined);
  });

function* repeat(part: string): Generator<string> {
  for (;;) yield part;
}
