import { expect } from 'chai';
import { probeModels, probePerplexity, readClockOffset, timeOf } from '../../../src/adapters/probes/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { type Handler, listenHttp } from '../../support/loopback.ts';

const still = (): AbortSignal => new AbortController().signal;

describe('probes of others', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });
  const open = async (handle: Handler): Promise<string> => {
    const server = await listenHttp(handle);
    closers.push(server.close);
    return server.url;
  };
  const models = (url: string, signal = still()) => probeModels('them', { url: `${url}/models`, headers: {}, model: 'small' }, signal);
  const perplexity = (baseUrl: string, signal = still()) => probePerplexity({ apiKey: 'a-key', baseUrl }, signal);

  it('bear a list of models without an end', async () => {
    const url = await open((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const write = (): void => {
        while (!response.destroyed && response.write(`{"id":"${'x'.repeat(65_536)}"},`));
      };
      response.on('drain', write);
      write();
    });
    expect((await failureOf(models(url))).message).to.match(/has no end/);
  });

  it('tell a web page in the place of a list, and what is no list', async () => {
    const page = await open((_, response) => void response.setHeader('content-type', 'text/html').end('<html>sign in</html>'));
    expect((await failureOf(models(page))).message).to.match(/a web page answers there, and no list of models/);
    const noise = await open((_, response) => void response.end('no JSON'));
    expect((await failureOf(models(noise))).code).to.equal('malformed-reply');
  });

  for (const [status, type, body] of [
    [404, 'text/html', '<html>not found</html>'],
    [405, 'application/json', '{}'],
    [200, 'application/json', '{"models":["small"]}'],
  ] as const)
    it(`do not take HTTP ${status} with ${body} for a list of models`, async () => {
      const url = await open((_, response) => void response.writeHead(status, { 'content-type': type }).end(body));
      const { words, outcome } = await models(url);
      expect(outcome).to.equal('no-list');
      expect(words).to.match(/no list of models there .*not known/);
    });

  for (const [what, ask] of [
    ['models', models],
    ['Perplexity', perplexity],
  ] as const)
    it(`end soon after they are told to, where ${what} says nothing`, async () => {
      const reached = Promise.withResolvers<void>();
      const url = await open(() => reached.resolve());
      const told = new AbortController();
      const asked = failureOf(ask(url, told.signal));
      await reached.promise;
      told.abort();
      expect((await asked).code).to.equal('timeout');
    });

  it('take a search without words for an answer, and no other refusal', async () => {
    let status = 422;
    const url = await open((_, response) => void response.writeHead(status).end('{}'));
    expect(await perplexity(url)).to.equal('answers, and takes the key');
    for (const [refusal, code] of [
      [401, 'unauthorised'],
      [402, 'out-of-credit'],
      [429, 'rate-limited'],
      [500, 'unavailable'],
    ] as const) {
      status = refusal;
      expect((await failureOf(perplexity(url))).code, `${refusal}`).to.equal(code);
    }
  });

  it('tell no key of a request that failed', async () => {
    const url = await open((_, response) => void response.writeHead(401).end('{"error":"a-key is wrong"}'));
    expect((await failureOf(perplexity(url))).message).not.to.include('a-key');
  });

  it('take the time that a server tells with whatever it answers, and none of one that does not', async () => {
    const hour = 3_600_000;
    const behind = await open((_, response) => void response.setHeader('date', new Date(Date.now() - hour).toUTCString()).end());
    const asked: unknown[] = [];
    const cache = await open((request, response) => {
      asked.push(request.headers['cache-control']);
      response
        .setHeader('date', new Date(Date.now() - hour).toUTCString())
        .setHeader('age', '3600')
        .end();
    });
    const nonsense = await open((_, response) => void response.setHeader('age', 'old').end());
    const dateless = await open((_, response) => {
      response.sendDate = false;
      response.end();
    });
    const { ms, by } = await readClockOffset({ by: behind, ask: timeOf(behind) }, Date.now, still());
    expect(by).to.equal(behind);
    expect(ms).to.be.within(hour - 2_000, hour + 2_000);
    expect((await readClockOffset({ by: cache, ask: timeOf(cache) }, Date.now, still())).ms).to.be.within(-2_000, 2_000);
    expect(asked).to.deep.equal(['no-cache']);
    expect((await failureOf(readClockOffset({ by: nonsense, ask: timeOf(nonsense) }, Date.now, still()))).code).to.equal('malformed-reply');
    expect((await failureOf(readClockOffset({ by: dateless, ask: timeOf(dateless) }, Date.now, still()))).code).to.equal('malformed-reply');
  });
});
