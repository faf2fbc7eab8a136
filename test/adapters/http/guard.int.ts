import { expect } from 'chai';
import { generateCACertificate } from 'mockttp';
import { makeHttpServer } from '../../../src/adapters/http/index.ts';
import { apiViews } from '../../../src/adapters/views/index.ts';
import { DEFAULT_LOCAL_CHAT, InvalidValueError } from '../../../src/domain/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, JSON_TYPE, makeOpen, openStream, rawRequest } from '../../support/http-client.ts';

describe('HTTP: who may ask', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  const hostOf = (url: string) => new URL(url).host;

  for (const path of ['/', '/page.js', '/health', '/api/promises', '/api/nowhere'])
    it(`answers ${path} to nobody who calls it by another name (DNS rebinding)`, async () => {
      const { url } = await open();
      const { port } = new URL(url);
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        `localhost.evil.example:${port}`,
        `127.0.0.1.nip.io:${port}`,
        `127.0.0.1:${Number(port) + 1}`,
        'localhost',
        `10.0.0.1:${port}`,
        '@',
      ]) {
        const refused = await rawRequest(url + path, { headers: { host } });
        expect(refused.status, host).to.equal(403);
        expect(JSON.parse(refused.body).error.code).to.equal('http/forbidden-host');
      }
    });

  it('answers to its loopback names', async () => {
    const { url } = await open();
    const { port } = new URL(url);
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]'])
      expect((await rawRequest(`${url}/health`, { headers: { host: `${name}:${port}` } })).status, name).to.equal(200);
  });

  it('answers to any numeric address and mapped port where it listens on all of them, and to names it was given', async () => {
    const { url } = await open({ host: '0.0.0.0', corsOrigins: ['https://kept.example'] });
    for (const [host, status] of [
      ['192.168.1.5:8080', 200],
      ['[fe80::1]:9000', 200],
      ['localhost:8080', 200],
      ['kept.example', 200],
      ['kept.example:444', 403],
      ['evil.example:9000', 403],
    ] as const)
      expect((await rawRequest(`${url}/health`, { headers: { host } })).status, host).to.equal(status);
  });

  it('takes nothing from pages of other origins (CSRF), and sends them no permission', async () => {
    const { url, promise, statusOf, transcript } = await open();
    const { id } = promise('stay');
    for (const origin of [
      'https://evil.example',
      'null',
      `http://localhost:${new URL(url).port}`,
      `https://${hostOf(url)}`,
      `${url}.evil.example`,
    ]) {
      const headers = { origin, ...JSON_TYPE };
      const posted = await rawRequest(`${url}/api/chat/messages`, { method: 'POST', headers }, '{"text":"attack"}');
      const cancelled = await rawRequest(`${url}/api/promises/${id}/cancel`, { method: 'POST', headers: { origin } });
      const preflight = await rawRequest(`${url}/api/chat/messages`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
      expect([posted.status, cancelled.status, preflight.status], origin).to.deep.equal([403, 403, 403]);
      expect(preflight.headers).to.not.have.property('access-control-allow-origin');
    }
    expect(await transcript.latest(DEFAULT_LOCAL_CHAT, 1)).to.deep.equal([]);
    expect(statusOf(id)).to.equal('pending');
  });

  it('takes messages from its own page and from the origins that it was given', async () => {
    const { url } = await open({ corsOrigins: ['https://kept.example'] });
    for (const origin of [url, 'https://kept.example']) {
      const posted = await rawRequest(`${url}/api/chat/messages`, { method: 'POST', headers: { origin, ...JSON_TYPE } }, '{"text":"hi"}');
      expect(posted.status, origin).to.equal(202);
    }
    const preflight = await rawRequest(`${url}/api/chat/messages`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://kept.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(preflight.status).to.equal(204);
    expect(preflight.headers['access-control-allow-origin']).to.equal('https://kept.example');
    const stream = await openStream(`${url}/api/chat/stream`, { origin: 'https://kept.example' });
    expect(stream.response.headers.get('access-control-allow-origin')).to.equal('https://kept.example');
    stream.leave();
    await stream.ended;
  });

  it('with * takes messages from every origin, and still answers to its own names alone', async () => {
    const { url } = await open({ corsOrigins: ['*'], apiToken: 'open sesame' });
    const headers = { origin: 'https://anywhere.example', authorization: 'Bearer open sesame', ...JSON_TYPE };
    const posted = await rawRequest(`${url}/api/chat/messages`, { method: 'POST', headers }, '{"text":"hi"}');
    expect(posted.status).to.equal(202);
    expect(posted.headers['access-control-allow-origin']).to.equal('*');
    expect((await rawRequest(`${url}/api/promises`, { headers: { ...headers, host: 'anywhere.example' } })).status).to.equal(403);
  });

  it('is not made with an allowed origin that is none', () => {
    const { api, logger } = makeScriptedApi();
    const options = { api, views: apiViews, logger, host: '127.0.0.1', port: 0, maxRequestBytes: 1_000 };
    for (const origin of ['kept.example', 'https://kept.example/', 'file:///x', 'null'])
      expect(() => makeHttpServer({ ...options, corsOrigins: [origin] }), origin).to.throw(InvalidValueError, /looks like https/);
  });

  it('wants the token under /api when there is one, and nowhere else', async () => {
    const { ask, transcript } = await open({ apiToken: 'open sesame' });
    for (const authorization of ['', 'Bearer', 'Bearer wrong', 'Bearer open sesame2', 'Basic b3BlbiBzZXNhbWU=', 'open sesame'])
      for (const [method, path, body] of [
        ['GET', '/api/promises', undefined],
        ['GET', '/api/chat/stream', undefined],
        ['POST', '/api/chat/messages', { text: 'x' }],
        ['POST', '/api/chat/messages', '{'],
      ] as const) {
        const refused = await ask(method, path, body, { authorization });
        expect(refused.status, `${authorization} ${path}`).to.equal(401);
        expect(refused.headers.get('www-authenticate')).to.equal('Bearer');
      }
    expect(await transcript.latest(DEFAULT_LOCAL_CHAT, 1)).to.deep.equal([]);
    expect((await ask('POST', '/api/chat/messages', { text: 'x' }, { authorization: 'Bearer open sesame' })).status).to.equal(202);
    expect((await ask('GET', '/health')).status).to.equal(200);
  });

  it('tells who shows no token, or a wrong one, nothing of its health but the status', async () => {
    const { ask } = await open({ apiToken: 'open sesame', rateLimitPerMinute: 3 });
    for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
      const { status, body } = await ask('GET', '/health', undefined, headers);
      expect([status, body]).to.deep.equal([200, { status: 'healthy' }]);
    }
    const told = (await ask('GET', '/health', undefined, { authorization: 'Bearer open sesame' })).body;
    expect(told).to.include({ status: 'healthy', model: 'rehearsal', pid: process.pid });
    // Guesses count; looks without one are free.
    const guess = async () => (await ask('GET', '/health', undefined, { authorization: 'Bearer wrong' })).status;
    expect([await guess(), await guess(), await guess()]).to.deep.equal([200, 200, 429]);
    expect((await ask('GET', '/health')).status).to.equal(200);
    expect((await ask('GET', '/health', undefined, { authorization: 'Bearer open sesame' })).status).to.equal(200);
  });

  it('tells everybody who can reach it all of its health where there is no token', async () => {
    const { ask } = await open({ rateLimitPerMinute: 1 });
    for (let n = 0; n < 3; n++)
      expect((await ask('GET', '/health', undefined, { authorization: 'Bearer x' })).body).to.include({ model: 'rehearsal' });
  });

  it('limits the rate under /api, wrong tokens included, and nowhere else', async () => {
    const { ask } = await open({ rateLimitPerMinute: 3, apiToken: 'open sesame' });
    const codes: number[] = [];
    for (let n = 0; n < 5; n++) codes.push((await ask('GET', '/api/promises')).status);
    expect(codes).to.deep.equal([401, 401, 401, 429, 429]);
    const refused = await ask('GET', '/api/promises');
    expect(refused.status).to.equal(429);
    expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
    expect(refused.body.error).to.have.keys('code', 'message', 'hint');
    expect((await ask('GET', '/health')).status).to.equal(200);
  });

  it('lets the right token through, at its own rate, while guesses from the same address are refused', async () => {
    const { ask } = await open({ rateLimitPerMinute: 3, apiToken: 'open sesame' });
    const look = async (token: string, path = '/api/promises') =>
      (await ask('GET', path, undefined, { authorization: `Bearer ${token}` })).status;
    for (let n = 0; n < 6; n++) await look(`guess ${n}`);
    expect([await look('guess'), await look('guess', '/health')]).to.deep.equal([429, 429]);
    expect([await look('open sesame'), await look('open sesame', '/health'), await look('open sesame')]).to.deep.equal([200, 200, 200]);
    expect([await look('open sesame'), await look('guess')]).to.deep.equal([429, 429]);
  });

  it('tells browsers to come by TLS alone, where it is served by TLS and not as localhost', async () => {
    const plain = await open();
    expect((await rawRequest(`${plain.url}/health`)).headers).not.to.have.property('strict-transport-security');
    const { url } = await open({ tls: await generateCACertificate(), rateLimitPerMinute: 1 });
    const paths = ['/', '/health', '/api/promises', '/api/promises', '/nowhere', '/%'];
    for (const path of paths) {
      const { headers } = await rawRequest(url + path);
      expect(headers['strict-transport-security'], path).to.equal('max-age=31536000');
    }
    const headers = { host: `localhost:${new URL(url).port}` };
    const local = await rawRequest(`${url}/health`, { headers });
    expect(local.headers).not.to.have.property('strict-transport-security');
  });
});
