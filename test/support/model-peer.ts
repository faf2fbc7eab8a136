import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { expect } from 'chai';
import { getLocal, type Mockttp } from 'mockttp';
import { withIdleWatchdog } from '../../src/application/models/idle-watchdog.ts';
import type { LanguageModel, ModelEvent, ModelReply, ModelRequest } from '../../src/ports/language-model.ts';
import { isPortError, type PortError } from '../../src/ports/port-error.ts';
import { makeFixedClock } from '../../src/testing/fixed-clock.ts';
import { listenHttp } from './loopback.ts';

export const aRequest = (change: Partial<ModelRequest> = {}): ModelRequest => ({
  instructions: 'Be brief.',
  conversation: [{ role: 'person', name: 'Ada', text: 'hello' }],
  tools: [],
  maxOutputTokens: 1000,
  ...change,
});

export interface Asked {
  readonly events: readonly ModelEvent[];
  readonly streamed: string;
  readonly reply?: ModelReply;
  readonly error?: PortError;
}

/** Asks, and tells everything that came of it; anything thrown that is no PortError fails the test. */
export const ask = async (
  model: LanguageModel,
  request: ModelRequest = aRequest(),
  options: { readonly signal?: AbortSignal; readonly onEvent?: (event: ModelEvent) => void } = {},
): Promise<Asked> => {
  const events: ModelEvent[] = [];
  const onEvent = (event: ModelEvent): void => {
    events.push(event);
    options.onEvent?.(event);
  };
  const streamed = (): string =>
    events.reduce((text, event) => (event.type === 'restart' ? '' : event.type === 'text' ? text + event.text : text), '');
  try {
    const reply = await model.respond(request, { signal: options.signal ?? new AbortController().signal, onEvent });
    expect(streamed(), 'the text streamed is the text of the reply').to.equal(reply.text);
    return { events, streamed: streamed(), reply };
  } catch (error) {
    if (!isPortError(error)) throw error;
    return { events, streamed: streamed(), error };
  }
};

/**
 * `data:` lines as they go over the wire; each object with its own event name where it has a `type` and `named` is set.
 */
export const sse = (chunks: readonly (object | string)[], named = false): string =>
  chunks
    .map((chunk) => {
      const data = typeof chunk === 'string' ? chunk : JSON.stringify(chunk);
      const event = named && typeof chunk === 'object' && 'type' in chunk ? `event: ${chunk.type}\n` : '';
      return `${event}data: ${data}\n\n`;
    })
    .join('');

const EVENT_STREAM = { 'content-type': 'text/event-stream' };

export const replySse = (peer: Mockttp, body: string) => peer.forAnyRequest().thenReply(200, body, EVENT_STREAM);

/**
 * A server that sends the start of a stream to whoever asks; `write` sends more of it, `end` the rest, and `cut` breaks
 * the connections.
 */
const openStreamPeer = async (start: string) => {
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
const openPeerWithoutEnd = (status: number, encoding: 'identity' | 'gzip', part: string) =>
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

/**
 * What every model over HTTP must make of a failing other side. `start` is the beginning of a valid stream that carries
 * the text `Hel`, `end` the rest of it, `waiting` what the other side sends while the model thinks.
 */
export const itMapsTransportFailures = (
  make: (baseUrl: string) => LanguageModel,
  { start, waiting = ': still at work\n\n', end }: { readonly start: string; readonly waiting?: string; readonly end: string },
): void => {
  const peer = getLocal();
  let model: LanguageModel;
  beforeEach(async () => {
    await peer.start();
    model = make(peer.url);
  });
  afterEach(() => peer.stop());

  const statuses: readonly (readonly [status: number, code: PortError['code'], retryable: boolean])[] = [
    [400, 'invalid-request', false],
    [401, 'unauthorised', false],
    [402, 'out-of-credit', false],
    [403, 'unauthorised', false],
    [404, 'not-found', false],
    [408, 'unavailable', true],
    [413, 'too-long', false],
    [422, 'invalid-request', false],
    [429, 'rate-limited', true],
    [500, 'unavailable', true],
    [503, 'unavailable', true],
    [529, 'unavailable', true],
  ];
  for (const [status, code, retryable] of statuses)
    it(`HTTP ${status} is ${code}${retryable ? ', retryable' : ''}, and asked once only`, async () => {
      const endpoint = await peer.forAnyRequest().thenJson(status, { error: { type: 'x', message: 'because-of-this' } });
      const { error } = await ask(model);
      expect(error).to.include({ code, retryable });
      expect(await endpoint.getSeenRequests()).to.have.length(1);
      const isAboutTheAccount = code === 'unauthorised' || code === 'out-of-credit';
      if (isAboutTheAccount) expect(error?.message, 'may quote the key').not.to.include('because-of-this');
      else expect(error?.message).to.match(new RegExp(`HTTP ${status}: because-of-this$`));
    });

  it('Retry-After is reported in ms, never waited for', async () => {
    await peer.forAnyRequest().thenJson(429, { error: { type: 'rate_limit_error' } }, { 'retry-after': '3600' });
    expect((await ask(model)).error).to.include({ code: 'rate-limited', retryAfterMs: 3_600_000 });
  });

  it('a Retry-After date counts from the Date of the response', async () => {
    const headers = { 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' };
    await peer.forAnyRequest().thenJson(503, { error: { type: 'overloaded' } }, headers);
    expect((await ask(model)).error).to.include({ code: 'unavailable', retryAfterMs: 90_000 });
  });

  it('an HTML error page of any length is quoted shortly', async () => {
    await peer.forAnyRequest().thenReply(502, `<html>${'x'.repeat(10_000)}</html>`, { 'content-type': 'text/html' });
    const { error } = await ask(model);
    expect(error).to.include({ code: 'unavailable' });
    expect(error?.message.length).to.be.below(500);
  });

  for (const [what, body, type] of [
    ['HTML with 200', '<html><body>Sign in to the guest network</body></html>', 'text/html'],
    ['an empty body with 200', '', 'text/event-stream'],
    ['JSON that is none', 'event: message_start\ndata: {"type": "mess\n\n', 'text/event-stream'],
    ['JSON null', 'event: message_start\ndata: null\n\n', 'text/event-stream'],
    ['a whole JSON reply instead of a stream', '{"id":"1","choices":[],"content":[]}', 'application/json'],
  ] as const)
    it(`${what} is malformed-reply, retryable`, async () => {
      await peer.forAnyRequest().thenReply(200, body, { 'content-type': type });
      expect((await ask(model)).error).to.include({ code: 'malformed-reply', retryable: true });
    });

  it('a web page with 200 is told as one; events that are called a page are read', async () => {
    await peer.forAnyRequest().thenReply(200, '\n<!doctype html><title>Sign in</title>', { 'content-type': 'text/html; charset=utf-8' });
    expect((await ask(model)).error?.message).to.include('a web page answers there, and no model');
    peer.reset();
    await peer.forAnyRequest().thenReply(200, start, { 'content-type': 'text/html' });
    expect((await ask(model)).streamed).to.equal('Hel');
  });

  it('a stream that ends early without an error is malformed-reply, never a short answer', async () => {
    await replySse(peer, start);
    const { error, streamed } = await ask(model);
    expect(error).to.include({ code: 'malformed-reply', retryable: true });
    expect(streamed).to.equal('Hel');
  });

  it('a reset before the response is unavailable', async () => {
    await peer.forAnyRequest().thenResetConnection();
    expect((await ask(model)).error).to.include({ code: 'unavailable', retryable: true });
  });

  it('a connection that breaks in mid-stream is unavailable', async () => {
    await using stream = await openStreamPeer(start);
    const { error } = await ask(make(stream.url), aRequest(), { onEvent: (event) => event.type === 'text' && stream.cut() });
    expect(error).to.include({ code: 'unavailable', retryable: true });
  });

  for (const [what, status, encoding, part] of [
    ['an answer of one line without an end', 200, 'identity', 'x'.repeat(65_536)],
    ['an answer of one event without an end', 200, 'identity', `data: ${'x'.repeat(65_530)}\n`],
    ['an answer that unpacks to something without an end', 200, 'gzip', '\0'.repeat(65_536)],
  ] as const)
    it(`${what} is given up, and not asked for again`, async () => {
      await using peerWithoutEnd = await openPeerWithoutEnd(status, encoding, part);
      expect((await ask(make(peerWithoutEnd.url))).error).to.include({ code: 'malformed-reply', retryable: false });
    });

  it('a refusal without an end is told by its status', async () => {
    await using peerWithoutEnd = await openPeerWithoutEnd(400, 'gzip', 'x'.repeat(65_536));
    expect((await ask(make(peerWithoutEnd.url))).error).to.include({ code: 'invalid-request' });
  });

  it('nobody listening is unavailable', async () => {
    const nobody = make(peer.url);
    await peer.stop();
    expect((await ask(nobody)).error).to.include({ code: 'unavailable', retryable: true });
    await peer.start();
  });

  it('an abort before the call, before the headers and in mid-stream rejects with aborted', async () => {
    expect((await ask(model, aRequest(), { signal: AbortSignal.abort() })).error).to.include({ code: 'aborted', retryable: false });

    await peer.forAnyRequest().once().thenTimeout();
    const early = new AbortController();
    await peer.on('request-initiated', () => early.abort());
    expect((await ask(model, aRequest(), { signal: early.signal })).error).to.include({ code: 'aborted' });

    await using stream = await openStreamPeer(start);
    const late = new AbortController();
    const asked = await ask(make(stream.url), aRequest(), {
      signal: late.signal,
      onEvent: (event) => event.type === 'text' && late.abort(),
    });
    expect(asked.error).to.include({ code: 'aborted' });
    expect(asked.reply).to.equal(undefined);
  });

  it('a stream that stalls is ended by the watchdog', async () => {
    await using stream = await openStreamPeer(start);
    const clock = makeFixedClock();
    const watched = withIdleWatchdog(make(stream.url), { clock, idleMs: 30_000 });
    const { error, streamed } = await ask(watched, aRequest(), {
      onEvent: (event) => event.type === 'text' && queueMicrotask(() => clock.advance(30_000)),
    });
    expect(error).to.include({ code: 'timeout', retryable: true });
    expect(streamed).to.equal('Hel');
  });

  it('a reply that is complete stands, whether the connection stays open or breaks', async () => {
    await using open = await openStreamPeer(start + end);
    expect((await ask(make(open.url))).reply?.text).to.equal('Hello');

    await using breaking = await openStreamPeer(start);
    const { reply } = await ask(make(breaking.url), aRequest(), {
      onEvent: (event) => {
        if (event.type !== 'text') return;
        if (event.text === 'Hel') breaking.write(end.slice(0, end.lastIndexOf('event: ')));
        else setImmediate(() => breaking.cut());
      },
    });
    expect(reply?.text).to.equal('Hello');
  });

  it('a model that thinks for minutes is waited for as long as bytes come, and is asked once', async () => {
    await using stream = await openStreamPeer(start);
    const clock = makeFixedClock();
    const watched = withIdleWatchdog(make(stream.url), { clock, idleMs: 60_000 });
    let silences = 0;
    const { reply, error } = await ask(watched, aRequest(), {
      onEvent: () => {
        if (silences === 15) return;
        silences++;
        clock.advance(50_000);
        if (silences < 15) stream.write(waiting);
        else stream.end(end);
      },
    });
    expect(error).to.equal(undefined);
    expect(reply?.text).to.equal('Hello');
    expect(silences, 'far more than the minute that a silent one has').to.equal(15);
    expect(stream.asked()).to.equal(1);
  });
};
