import { expect } from 'chai';
import type { ProbeDepth } from '../../../src/ports/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

const TOKEN = 'open sesame';
const KNOWN = { authorization: `Bearer ${TOKEN}` };

const makeHealthy = () => {
  const scripted = makeScriptedApi();
  const asked: (ProbeDepth | boolean)[] = [];
  let ready = true;
  scripted.api.checkReadiness = async () => ({ ready, reasons: ready ? [] : ['storage.disk: full'] });
  scripted.api.checkSystem = async (depth) => {
    asked.push(depth);
    return { status: 'healthy', checks: [{ id: 'storage.disk', status: 'ok', message: 'room' }] };
  };
  scripted.api.reportSystem = async ({ deep }) => {
    asked.push(deep);
    return { at: 0, status: 'healthy', agents: [], services: new Map(), performance: [] };
  };
  return {
    scripted,
    asked,
    getUnready: () => {
      ready = false;
    },
  };
};

describe('HTTP: readiness, and the report of the system', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('is ready with 200, and not with 503 and the reasons, which only who shows the token reads', async () => {
    const { scripted, getUnready } = makeHealthy();
    const { ask } = await open({ apiToken: TOKEN, rateLimitPerMinute: 1 }, scripted);
    const look = async (headers = {}) => {
      const { status, body } = await ask('GET', '/health/ready', undefined, headers);
      return [status, body];
    };
    expect(await look()).to.deep.equal([200, { ready: true }]);
    getUnready();
    for (let n = 0; n < 3; n++) expect(await look()).to.deep.equal([503, { ready: false }]);
    expect(await look(KNOWN)).to.deep.equal([503, { ready: false, reasons: ['storage.disk: full'] }]);
    expect((await ask('GET', '/health')).status).to.equal(200);
  });

  it('gives report and checks only to who shows the token, and counts guesses', async () => {
    const { scripted, asked } = makeHealthy();
    const { ask } = await open({ apiToken: TOKEN, rateLimitPerMinute: 5 }, scripted);
    for (const path of ['/health/report', '/api/health']) {
      expect((await ask('GET', path)).status, path).to.equal(401);
      expect((await ask('GET', `${path}?deep=true`, undefined, { authorization: 'Bearer guess' })).status, path).to.equal(401);
    }
    expect(asked).to.deep.equal([]);
    const checks = await ask('GET', '/api/health', undefined, KNOWN);
    expect([checks.status, checks.body]).to.deep.equal([
      200,
      { status: 'healthy', checks: [{ id: 'storage.disk', status: 'ok', message: 'room' }] },
    ]);
    expect((await ask('GET', '/health/report', undefined, KNOWN)).body).to.have.all.keys(
      'timestamp',
      'system_status',
      'agents',
      'external_services',
      'performance_metrics',
    );
    for (let n = 0; n < 2; n++) await ask('GET', '/health/report', undefined, { authorization: 'Bearer guess' });
    expect((await ask('GET', '/health/report', undefined, { authorization: 'Bearer guess' })).status).to.equal(429);
  });

  it('asks what costs money only where that is wanted, and never for the page of another site', async () => {
    const { scripted, asked } = makeHealthy();
    const { ask } = await open({}, scripted);
    await ask('GET', '/api/health');
    await ask('GET', '/health/report');
    await ask('GET', '/health/report?deep=false');
    expect(asked).to.deep.equal(['cheap', false, false]);
    for (const path of ['/api/health?deep=true', '/health/report?deep=true'])
      for (const site of ['cross-site', 'same-site'])
        expect((await ask('GET', path, undefined, { 'sec-fetch-site': site })).status, `${path} ${site}`).to.equal(403);
    expect(asked).to.have.length(3);
    await ask('GET', '/api/health?deep=true');
    await ask('GET', '/health/report?deep=true', undefined, { 'sec-fetch-site': 'same-origin' });
    expect(asked.slice(3)).to.deep.equal(['deep', true]);
    expect((await ask('GET', '/health/report?deep=perhaps')).status).to.equal(400);
  });

  it('is ready as soon as it answers, and says what it does not offer, where the host gives it no more', async () => {
    const { ask } = await open();
    expect((await ask('GET', '/health/ready')).body).to.deep.equal({ ready: true, reasons: [] });
    const refused = await ask('GET', '/health/report');
    expect([refused.status, refused.body.error.code]).to.deep.equal([404, 'health/not-offered']);
    expect((await ask('GET', '/api/health')).status).to.equal(404);
  });
});
