import { expect } from 'chai';
import { getLocal, type Mockttp } from 'mockttp';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { withIdleWatchdog } from '../../src/application/models/idle-watchdog.ts';
import { withRetry } from '../../src/application/models/retry.ts';
import type { LanguageModel, ModelEvent, ModelReply, ModelRequest } from '../../src/ports/language-model.ts';
import { isPortError, type PortError } from '../../src/ports/port-error.ts';
import { makeFixedClock } from '../../src/testing/fixed-clock.ts';
import { EVENT_STREAM, openPeerWithoutEnd, openStreamPeer } from './stream-peers.ts';

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

export const replySse = (peer: Mockttp, body: string) => peer.forAnyRequest().thenReply(200, body, EVENT_STREAM);

/** A model under test: the server that it asks, and the model itself, which is made anew for each test. */
interface PeerUnderTest {
  readonly peer: Mockttp;
  readonly model: () => LanguageModel;
  readonly make: (baseUrl: string) => LanguageModel;
  readonly start: string;
  readonly waiting: string;
  readonly end: string;
}

/** Statuses and their headers. */
const itMapsRefusals = ({ peer, model, start, end }: PeerUnderTest): void => {
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
    it(`maps HTTP ${status} to ${code}${retryable ? ', retryable' : ''}, and asks once only`, async () => {
      const endpoint = await peer.forAnyRequest().thenJson(status, { error: { type: 'x', message: 'because-of-this' } });
      const { error } = await ask(model());
      expect(error).to.include({ code, retryable });
      expect(await endpoint.getSeenRequests()).to.have.length(1);
      const isAboutTheAccount = code === 'unauthorised' || code === 'out-of-credit';
      if (isAboutTheAccount) expect(error?.message, 'may quote the key').not.to.include('because-of-this');
      else expect(error?.message).to.match(new RegExp(`HTTP ${status}: because-of-this$`));
    });

  it('answers after 529 twice, where it is asked again as every process does', async () => {
    const busy = await peer
      .forAnyRequest()
      .twice()
      .thenJson(529, { error: { type: 'overloaded_error', message: 'busy' } });
    const well = await replySse(peer, start + end);
    const again = withRetry(model(), { clock: systemClock, randomness: systemRandomness, attempts: 3, baseMs: 5, maxWaitMs: 100 });
    expect((await ask(again)).reply?.text).to.equal('Hello');
    expect([...(await busy.getSeenRequests()), ...(await well.getSeenRequests())]).to.have.length(3);
  });

  it('reports Retry-After in ms, and never waits for it', async () => {
    await peer.forAnyRequest().thenJson(429, { error: { type: 'rate_limit_error' } }, { 'retry-after': '3600' });
    expect((await ask(model())).error).to.include({ code: 'rate-limited', retryAfterMs: 3_600_000 });
  });

  it('counts a Retry-After date from the Date of the response', async () => {
    const headers = { 'retry-after': 'Sun, 22 Nov 2026 10:01:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' };
    await peer.forAnyRequest().thenJson(503, { error: { type: 'overloaded' } }, headers);
    expect((await ask(model())).error).to.include({ code: 'unavailable', retryAfterMs: 90_000 });
  });

  it('quotes only the beginning of an HTML error page', async () => {
    await peer.forAnyRequest().thenReply(502, `<html>${'x'.repeat(10_000)}</html>`, { 'content-type': 'text/html' });
    const { error } = await ask(model());
    expect(error).to.include({ code: 'unavailable' });
    expect(error?.message.length).to.be.below(500);
  });
};

/** Replies that are no stream of this kind, or a part of one. */
const itRefusesMalformedReplies = ({ peer, model, start }: PeerUnderTest): void => {
  for (const [what, body, type] of [
    ['HTML with 200', '<html><body>Sign in to the guest network</body></html>', 'text/html'],
    ['an empty body with 200', '', 'text/event-stream'],
    ['JSON that is none', 'event: message_start\ndata: {"type": "mess\n\n', 'text/event-stream'],
    ['JSON null', 'event: message_start\ndata: null\n\n', 'text/event-stream'],
    ['a whole JSON reply instead of a stream', '{"id":"1","choices":[],"content":[]}', 'application/json'],
  ] as const)
    it(`maps ${what} to malformed-reply, retryable`, async () => {
      await peer.forAnyRequest().thenReply(200, body, { 'content-type': type });
      expect((await ask(model())).error).to.include({ code: 'malformed-reply', retryable: true });
    });

  it('says that a web page answers with 200, and reads events that are called a page', async () => {
    await peer.forAnyRequest().thenReply(200, '\n<!doctype html><title>Sign in</title>', { 'content-type': 'text/html; charset=utf-8' });
    expect((await ask(model())).error?.message).to.include('a web page answers there, and no model');
    peer.reset();
    await peer.forAnyRequest().thenReply(200, start, { 'content-type': 'text/html' });
    expect((await ask(model())).streamed).to.equal('Hel');
  });

  it('maps a stream that ends early without an error to malformed-reply, never to a short answer', async () => {
    await replySse(peer, start);
    const { error, streamed } = await ask(model());
    expect(error).to.include({ code: 'malformed-reply', retryable: true });
    expect(streamed).to.equal('Hel');
  });
};

/** Connections that break, and answers without an end. */
const itMapsBrokenConnections = ({ peer, model, make, start }: PeerUnderTest): void => {
  it('maps a reset before the response to unavailable', async () => {
    await peer.forAnyRequest().thenResetConnection();
    expect((await ask(model())).error).to.include({ code: 'unavailable', retryable: true });
  });

  it('maps a connection that breaks in mid-stream to unavailable', async () => {
    await using stream = await openStreamPeer(start);
    const { error } = await ask(make(stream.url), aRequest(), { onEvent: (event) => event.type === 'text' && stream.cut() });
    expect(error).to.include({ code: 'unavailable', retryable: true });
  });

  for (const [what, status, encoding, part] of [
    ['an answer of one line without an end', 200, 'identity', 'x'.repeat(65_536)],
    ['an answer of one event without an end', 200, 'identity', `data: ${'x'.repeat(65_530)}\n`],
    ['an answer that unpacks to something without an end', 200, 'gzip', '\0'.repeat(65_536)],
  ] as const)
    it(`gives up ${what}, and does not ask again`, async () => {
      await using peerWithoutEnd = await openPeerWithoutEnd(status, encoding, part);
      expect((await ask(make(peerWithoutEnd.url))).error).to.include({ code: 'malformed-reply', retryable: false });
    });

  it('maps an endless refusal by its status', async () => {
    await using peerWithoutEnd = await openPeerWithoutEnd(400, 'gzip', 'x'.repeat(65_536));
    expect((await ask(make(peerWithoutEnd.url))).error).to.include({ code: 'invalid-request' });
  });

  it('maps a refused connection to unavailable', async () => {
    const nobody = make(peer.url);
    await peer.stop();
    expect((await ask(nobody)).error).to.include({ code: 'unavailable', retryable: true });
    await peer.start();
  });
};

/** Aborts, silence, and streams that take long. */
const itEndsAndWaits = ({ peer, model, make, start, waiting, end }: PeerUnderTest): void => {
  it('rejects with aborted at an abort before the call, before the headers and in mid-stream', async () => {
    expect((await ask(model(), aRequest(), { signal: AbortSignal.abort() })).error).to.include({ code: 'aborted', retryable: false });

    await peer.forAnyRequest().once().thenTimeout();
    const early = new AbortController();
    await peer.on('request-initiated', () => early.abort());
    expect((await ask(model(), aRequest(), { signal: early.signal })).error).to.include({ code: 'aborted' });

    await using stream = await openStreamPeer(start);
    const late = new AbortController();
    const asked = await ask(make(stream.url), aRequest(), {
      signal: late.signal,
      onEvent: (event) => event.type === 'text' && late.abort(),
    });
    expect(asked.error).to.include({ code: 'aborted' });
    expect(asked.reply).to.equal(undefined);
  });

  it('ends a stalled stream by the watchdog', async () => {
    await using stream = await openStreamPeer(start);
    const clock = makeFixedClock();
    const watched = withIdleWatchdog(make(stream.url), { clock, idleMs: 30_000 });
    const { error, streamed } = await ask(watched, aRequest(), {
      onEvent: (event) => event.type === 'text' && queueMicrotask(() => clock.advance(30_000)),
    });
    expect(error).to.include({ code: 'timeout', retryable: true });
    expect(streamed).to.equal('Hel');
  });

  it('accepts a complete reply, whether the connection stays open or breaks', async () => {
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

  it('waits for a model that thinks for minutes as long as bytes come, and asks once', async () => {
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

  const tested = { peer, model: () => model, make, start, waiting, end };
  itMapsRefusals(tested);
  itRefusesMalformedReplies(tested);
  itMapsBrokenConnections(tested);
  itEndsAndWaits(tested);
};
