import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { makeWebhookReceiver } from '../../../src/adapters/webhooks/index.ts';
import { isPortError, type PortError, type PostedEvent } from '../../../src/ports/index.ts';
import { START } from '../../../src/testing/index.ts';
import { openStandIn } from '../../fakes/alerts/stand-in.ts';
import { freePort, type Handler } from '../../support/loopback.ts';

const SECRET = 'whsec-0123456789abcdef';
const TOKEN = 'hook-0123456789abcdef';
const LIMIT_MS = 1_000;
const NOW = START + 90_000;

const EVENT: PostedEvent = { eventId: 'evt_1', at: START, fact: { type: 'webhook.test', note: 'ü "quoted" 世界' } };
const never = (): AbortSignal => new AbortController().signal;

const receiverAt = (url: string, more: { readonly secret?: string; readonly limitMs?: number } = { secret: SECRET }) =>
  makeWebhookReceiver({
    url: `${url}/hooks/${TOKEN}?key=${TOKEN}`,
    view: (fact) => ('note' in fact ? { note: fact.note } : undefined),
    clock: { now: () => NOW },
    limitMs: LIMIT_MS,
    ...more,
  });

const refusalOf = async (posted: Promise<void>): Promise<PortError> => {
  const error = await posted.then(
    () => new Error('it was taken'),
    (reason: unknown) => reason,
  );
  if (!isPortError(error)) throw error;
  for (const secret of [SECRET, TOKEN, 'quoted']) expect(error.message).not.to.include(secret);
  return error;
};

describe('The receiver of webhooks', () => {
  const open = () => openStandIn(() => ({ status: 204 }));

  it('is posted exactly this, signed over the bytes of the body', async () => {
    await using service = await open();
    await receiverAt(service.url).post(EVENT, never());
    const [asked] = service.taken();
    expect(asked).to.include({ method: 'POST', path: `/hooks/${TOKEN}?key=${TOKEN}` });
    expect(JSON.parse(asked?.body ?? '')).to.deep.equal({
      id: 'evt_1',
      type: 'webhook.test',
      at: new Date(START).toISOString(),
      sentAt: new Date(NOW).toISOString(),
      data: { note: 'ü "quoted" 世界' },
    });
    expect(asked?.headers).to.include({
      'content-type': 'application/json',
      'x-kept-event-id': 'evt_1',
      'x-kept-event-type': 'webhook.test',
      'x-kept-timestamp': new Date(NOW).toISOString(),
      'x-kept-signature': `sha256=${createHmac('sha256', SECRET)
        .update(asked?.body ?? '')
        .digest('hex')}`,
    });
  });

  it('gets no signature without a secret, and a user name and a password of its address as such', async () => {
    await using service = await open();
    const receiver = receiverAt(service.url.replace('//', '//ann:p%40ss@'), {});
    await receiver.post(EVENT, never());
    expect(service.taken()[0]?.headers).to.include({ authorization: `Basic ${Buffer.from('ann:p@ss').toString('base64')}` });
    expect(service.taken()[0]?.headers).not.to.have.property('x-kept-signature');
    expect([receiver.isSigned, receiver.place]).to.deep.equal([false, service.url]);
  });

  const STATUSES: readonly (readonly [status: number, code: PortError['code']])[] = [
    [400, 'invalid-request'],
    [401, 'unauthorised'],
    [403, 'unauthorised'],
    [404, 'unavailable'],
    [405, 'unavailable'],
    [408, 'unavailable'],
    [410, 'not-found'],
    [413, 'invalid-request'],
    [422, 'invalid-request'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ];
  for (const [status, code] of STATUSES)
    it(`says by HTTP ${status} that it is ${code}`, async () => {
      await using service = await open();
      service.failAll((_, response) => void response.writeHead(status, { 'retry-after': '7' }).end('no'));
      const refused = await refusalOf(receiverAt(service.url).post(EVENT, never()));
      expect(refused).to.include({ code });
      if (status === 429 || status === 503) expect(refused.retryAfterMs).to.equal(7_000);
    });

  const hostile: Readonly<Record<string, { readonly answer: Handler; readonly code: PortError['code']; readonly words: RegExp }>> = {
    'never answers': { answer: () => undefined, code: 'timeout', words: /within 1 s/ },
    'resets the connection': { answer: (request) => void request.socket.resetAndDestroy(), code: 'unavailable', words: /can't be reached/ },
    'redirects elsewhere': {
      answer: (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end(),
      code: 'malformed-reply',
      words: /redirect \(HTTP 307\), which is not followed: correct KEPT_WEBHOOK_URL/,
    },
    'refuses with an answer that never ends': {
      answer: (request, response) => {
        response.writeHead(500);
        const more = (): void => void (response.write('x'.repeat(65_536)) ? setImmediate(more) : response.once('drain', more));
        more();
        request.socket.once('close', () => response.destroy());
      },
      code: 'unavailable',
      words: /HTTP 500/,
    },
  };
  for (const [what, { answer, code, words }] of Object.entries(hostile))
    it(`is told of where it ${what}`, async () => {
      await using service = await open();
      service.failAll(answer);
      const refused = await refusalOf(receiverAt(service.url).post(EVENT, never()));
      expect([refused.code, refused.retryable]).to.deep.equal([code, true]);
      expect(refused.message).to.match(words);
    });

  it('has taken what it answers with 200, even if its answer never ends', async () => {
    await using service = await open();
    service.failAll((_, response) => void response.writeHead(200).write('o'));
    await receiverAt(service.url).post(EVENT, never());
  });

  it('is told of where nobody listens, and where TLS does not hold', async () => {
    const port = await freePort();
    expect((await refusalOf(receiverAt(`http://127.0.0.1:${port}`).post(EVENT, never()))).message).to.include('ECONNREFUSED');
    await using service = await open();
    const refused = await refusalOf(receiverAt(service.url.replace('http:', 'https:')).post(EVENT, never()));
    expect(refused).to.include({ code: 'unavailable', retryable: true });
  });

  it('is left as soon as the post is aborted', async () => {
    await using service = await open();
    service.failAll(() => undefined);
    const stopping = new AbortController();
    const posted = receiverAt(service.url, { limitMs: 600_000 }).post(EVENT, stopping.signal);
    stopping.abort();
    expect((await refusalOf(posted)).code).to.equal('aborted');
  });
});
