import { expect } from 'chai';
import { decodeSpans } from '../../fakes/otlp/decode.ts';
import { openOtlpReceiver } from '../../fakes/otlp/index.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { handClock, openTracesTo, work } from './opened-traces.ts';

describe('Traces to endpoints of all kinds', () => {
  type Receiver = Awaited<ReturnType<typeof openOtlpReceiver>>;
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await openOtlpReceiver();
  });
  afterEach(() => receiver.close());

  const open = (options: Partial<Parameters<typeof openTracesTo>[0]> = {}) => openTracesTo({ endpoint: receiver.url, ...options });

  it('go on after an endpoint was away, and tell of that once, and once that it is over', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    receiver.answerWith((_request, response) => void response.writeHead(503).end());
    for (let tries = 1; tries <= 3; tries++) {
      work(opened, 1);
      hand.run();
      await receiver.untilRequests(tries);
      while (hand.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(opened.told.map(([notice]) => notice)).to.deep.equal(['traces-not-sent']);
    expect(opened.told[0]?.[1]).to.deep.equal({ host: new URL(receiver.url).host, reason: 'HTTP 503' });
    receiver.answerWith(undefined);
    hand.run();
    await receiver.untilSpans((spans) => spans.length === 6);
    await opened.traces.stop();
    expect(opened.told.map(([notice]) => notice)).to.deep.equal(['traces-not-sent', 'traces-sent-again']);
    expect(opened.told[1]?.[1]).to.include({ lost: 0 });
  });

  it('are the same spans when they are sent again: the endpoint may have taken them', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    const first: string[] = [];
    receiver.answerWith((_request, response, body) => {
      first.push(...decodeSpans(body).map(({ spanId }) => spanId));
      response.writeHead(503).end();
    });
    work(opened, 2);
    hand.run();
    await receiver.untilRequests(1);
    while (hand.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    receiver.answerWith(undefined);
    hand.run();
    await receiver.untilSpans((spans) => spans.length === 4);
    await opened.traces.stop();
    expect(receiver.spans().map(({ spanId }) => spanId)).to.deep.equal(first);
  });

  it('count spans that were rejected, and are asked for nothing that the answer says beside', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    // partial_success { rejected_spans: 300, error_message: "no" }
    receiver.answerWith((_request, response) => void response.end(Buffer.from([10, 7, 8, 0xac, 2, 18, 2, 110, 111])));
    work(opened, 1);
    await opened.traces.stop();
    expect(opened.told).to.deep.equal([['traces-not-sent', { host: new URL(receiver.url).host, reason: '300 spans were rejected' }]]);
  });

  const silent = async (): Promise<{ endpoint: string; close: () => void }> => {
    const hole = await openBlackHole(9);
    hole.swallow();
    return { endpoint: `http://127.0.0.1:${hole.port}`, close: hole.close };
  };
  const answering = (answer: Parameters<Receiver['answerWith']>[0]) => async (): Promise<{ endpoint: string; close: () => void }> => {
    receiver.answerWith(answer);
    return { endpoint: receiver.url, close: () => undefined };
  };
  /** An address at which nobody listens any more. */
  const closedPort = async (): Promise<string> => {
    const { url, close } = await openOtlpReceiver();
    await close();
    return url;
  };
  const DRIP = (_request: unknown, response: import('node:http').ServerResponse): void => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), 5);
    response.on('close', () => clearInterval(timer));
  };
  const FLOOD = (_request: unknown, response: import('node:http').ServerResponse): void => {
    response.writeHead(200);
    const chunk = Buffer.alloc(2 ** 16, 46);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };
  const PEERS = {
    'that is not there': async () => ({ endpoint: await closedPort(), close: () => undefined }),
    'that never answers': silent,
    'that refuses': answering((_request, response) => void response.writeHead(401).end('no')),
    'that sends elsewhere': answering((_request, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end()),
    'that breaks off': answering((request) => void request.socket.destroy()),
    'that answers one byte at a time': answering(DRIP),
    'that answers without end': answering(FLOOD),
    'that answers what is no answer': answering((_request, response) => void response.end(Buffer.alloc(3_000, 255))),
  };
  /** What is told of each, once; nothing where its status says in time that all spans were taken. */
  const TOLD: Readonly<Record<keyof typeof PEERS, string | undefined>> = {
    'that is not there': "it can't be reached: ECONNREFUSED",
    'that never answers': 'it had not answered when the process ended',
    'that refuses': 'HTTP 401: it does not take the key (OTEL_EXPORTER_OTLP_HEADERS)',
    'that sends elsewhere': "it can't be reached: unexpected redirect",
    'that breaks off': "it can't be reached: UND_ERR_SOCKET",
    'that answers one byte at a time': 'it had not answered when the process ended',
    'that answers without end': undefined,
    'that answers what is no answer': undefined,
  };
  for (const [what, reason] of Object.entries(TOLD) as [keyof typeof PEERS, string | undefined][])
    it(`slow nothing down, and end in time, with an endpoint ${what}`, async () => {
      const { endpoint, close } = await PEERS[what]();
      const opened = open({ endpoint });
      const ms = work(opened, 20_000);
      const begin = performance.now();
      await opened.traces.stop();
      close();
      expect(performance.now() - begin).to.be.below(3_000);
      // 40,000 spans: a synchronous burst, in which nothing waits.
      expect(ms).to.be.below(5_000);
      const told = reason === undefined ? [] : [['traces-not-sent', { host: new URL(endpoint).host, reason }]];
      expect(opened.told).to.deep.equal(told);
    });

  it('leave out what can not be encoded, and send what comes behind it', async () => {
    const opened = open();
    opened.correlation.run(
      { name: 'turn', correlationId: 'ab'.repeat(16), spanId: '12'.repeat(8), links: [null as never] },
      () => undefined,
    );
    work(opened, 300);
    await opened.traces.stop();
    expect(opened.told.map(([, { reason }]) => String(reason))[0]).to.match(/^spans could not be encoded: /);
    // The first request is lost with it.
    expect(receiver.spans().length).to.equal(601 - 512);
  });

  it('keep so many spans and no more, and say how many were left out', async () => {
    const hand = handClock();
    const opened = open({ clock: hand.clock });
    receiver.answerWith((_request, response) => void response.writeHead(429, { 'retry-after': '60' }).end());
    work(opened, 10);
    hand.run();
    await receiver.untilRequests(1);
    while (hand.waiting() === 0) await new Promise((resolve) => setImmediate(resolve));
    work(opened, 5_000);
    receiver.answerWith(undefined);
    hand.run();
    await receiver.untilSpans((spans) => spans.length === 4_096);
    await opened.traces.stop();
    expect(opened.told.at(-1)).to.deep.equal(['traces-sent-again', { host: new URL(receiver.url).host, lost: 20 + 10_000 - 4_096 }]);
  });
});
