import { expect } from 'chai';
import { makeMetricsServer } from '../../../src/adapters/http/index.ts';
import type { Metrics } from '../../../src/ports/index.ts';
import { closeAll, makeOpen, rawRequest } from '../../support/http-client.ts';

const TOKEN = 'a-token-of-32-characters-or-more';
const TEXT = '# TYPE kept_leader gauge\nkept_leader 1\n';
const metrics: Metrics = { read: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: TEXT }) };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('HTTP: metrics', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('are text in the format that they say, for GET and HEAD alone', async () => {
    const { url } = await open({ metrics });
    const { status, headers, body } = await rawRequest(`${url}/metrics`);
    expect([status, headers['content-type'], body]).to.deep.equal([200, 'text/plain; version=0.0.4; charset=utf-8', TEXT]);
    expect((await rawRequest(`${url}/metrics`, { method: 'HEAD' })).status).to.equal(200);
    expect((await rawRequest(`${url}/metrics`, { method: 'POST' })).status).to.equal(405);
  });

  it('are behind the token where there is one, and whoever has it may use any name of this machine', async () => {
    const { url } = await open({ metrics, apiToken: TOKEN });
    const { host } = new URL(url);
    expect((await rawRequest(`${url}/metrics`)).status).to.equal(401);
    expect((await rawRequest(`${url}/metrics`, bearer('a-token-that-somebody-has-guessed'))).status).to.equal(401);
    expect((await rawRequest(`${url}/metrics`, bearer(TOKEN))).status).to.equal(200);
    const byName = (headers: Record<string, string>) => rawRequest(`${url}/metrics`, { headers: { host: 'kept:9000', ...headers } });
    expect((await byName(bearer(TOKEN).headers)).status).to.equal(200);
    expect((await byName({})).status).to.equal(403);
    expect((await byName(bearer('a-token-that-somebody-has-guessed').headers)).status).to.equal(403);
    // That holds for metrics alone.
    const health = { headers: { host: 'kept:9000', ...bearer(TOKEN).headers } };
    expect((await rawRequest(`${url}/health`, health)).status).to.equal(403);
    // Pages of other origins stay out, whatever they know.
    const page = { host, origin: 'https://evil.example', ...bearer(TOKEN).headers };
    expect((await rawRequest(`${url}/metrics`, { headers: page })).status).to.equal(403);
  });

  it('count as requests where the rate is limited', async () => {
    const { url } = await open({ metrics, rateLimitPerMinute: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) statuses.push((await rawRequest(`${url}/metrics`)).status);
    expect(statuses).to.deep.equal([200, 200, 429]);
  });

  it('are said not to be offered, where the host has none', async () => {
    const { url } = await open();
    const { status, body } = await rawRequest(`${url}/metrics`);
    expect([status, JSON.parse(body).error.code]).to.deep.equal([404, 'metrics/not-offered']);
  });

  it('are all that a process serves that answers nobody else, behind the same token and names, but for whether it lives', async () => {
    const settings = { host: '127.0.0.1', port: 0, apiToken: TOKEN, corsOrigins: [], maxRequestBytes: 1_000 };
    const server = makeMetricsServer({ ...settings, metrics });
    const { url } = await server.listen();
    closers.push(server.close);
    expect((await rawRequest(`${url}/metrics`)).status).to.equal(401);
    expect((await rawRequest(`${url}/metrics`, { headers: { host: 'evil.example' } })).status).to.equal(403);
    expect(await rawRequest(`${url}/metrics`, bearer(TOKEN))).to.include({ status: 200, body: TEXT });
    expect(await rawRequest(`${url}/health`)).to.include({ status: 200, body: '{"status":"healthy"}' });
    expect((await rawRequest(`${url}/health`, { headers: { host: 'evil.example' } })).status).to.equal(403);
    for (const path of ['/', '/health/ready', '/api/promises'])
      expect((await rawRequest(url + path, bearer(TOKEN))).status, path).to.equal(404);
  });
});
