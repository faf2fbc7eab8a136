import { expect } from 'chai';
import fastify from 'fastify';
import { openApiText } from '../../../scripts/openapi.ts';
import type { RequestAuth } from '../../../src/adapters/http/auth/request-auth.ts';
import { openApiDocument } from '../../../src/adapters/http/openapi/document.ts';
import { ROUTES } from '../../../src/adapters/http/routes/index.ts';
import { API_BASES, serveRoutes } from '../../../src/adapters/http/serve-routes.ts';
import { takeBrokenReplies } from '../../support/broken-replies.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

/** Of a server without a token. */
const anybody: RequestAuth = {
  status: async () => ({ required: false, signedIn: true }),
  knownStatus: async () => ({ required: false, signedIn: true }),
  signIn: () => Promise.reject(new Error('nobody signs in here')),
  signOut: () => Promise.reject(new Error('nobody signs in here')),
};

describe('HTTP: routes', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('have a method and path, and a name, that no other has', () => {
    const places = ROUTES.map(({ method, at = 'api', path }) => `${method} ${at} ${path}`);
    expect(new Set(places).size).to.equal(ROUTES.length);
    expect(new Set(ROUTES.map(({ id }) => id)).size).to.equal(ROUTES.length);
  });

  it('answer under /api/v1 as under /api, with the token alone where there is one', async () => {
    const { ask, promise, schedule } = await open({ apiToken: 'open sesame' });
    promise('sleep');
    schedule('dream');
    for (const path of ['/promises', '/promises/1', '/promises/7', '/schedules', '/approvals', '/usage', '/stats', '/alerts', '/nowhere']) {
      const headers = { authorization: 'Bearer open sesame' };
      const [versioned, plain] = [
        await ask('GET', `/api/v1${path}`, undefined, headers),
        await ask('GET', `/api${path}`, undefined, headers),
      ];
      if (path !== '/nowhere') expect([versioned.status, versioned.body], path).to.deep.equal([plain.status, plain.body]);
      if (path !== '/nowhere') expect((await ask('GET', `/api/v1${path}`)).status, path).to.equal(401);
    }
    expect((await ask('DELETE', '/api/v1/promises', undefined, { authorization: 'Bearer open sesame' })).headers.get('allow')).to.equal(
      'GET, HEAD',
    );
  });

  it('say which query parameters and fields they do not know, and which they do', async () => {
    const { ask } = await open();
    const refused = await ask('GET', '/api/v1/promises?statuss=failed&limit=5&%22=1');
    expect(refused.status).to.equal(400);
    expect(refused.body.error.message).to.equal('unknown parameters: "statuss", "\\""');
    expect(refused.body.error.hint).to.match(/^its query parameters are status, chatId, limit/);
    expect((await ask('GET', '/api/v1/promises/1?x=1')).body.error.hint).to.match(/^this route takes no query parameters/);
    expect((await ask('POST', '/api/v1/promises/1/cancel', { reason: 'why' })).body.error.message).to.equal('unknown field: "reason"');
    for (const path of ['/health?x=1', '/health/ready?x=1', '/metrics?x=1'])
      expect((await ask('GET', path)).status, path).to.not.equal(400);
  });

  it('describe themselves to everybody, as the stored document does', async () => {
    const { ask } = await open({ apiToken: 'open sesame' });
    for (const base of API_BASES) {
      const { status, body, headers } = await ask('GET', `${base}/openapi.json`);
      expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json; charset=utf-8']);
      expect(body).to.deep.equal(JSON.parse(openApiText()));
    }
  });

  it('say since when they have a successor, where they have one', async () => {
    const deprecated = { since: '2026-11-30', successor: 'GET /api/v1/new' };
    const old = { method: 'GET', path: '/old', id: 'old', tag: 'chat', summary: 'Old', replies: {}, handle: async () => ({}) } as const;
    const app = fastify();
    serveRoutes({ open: app, guarded: app }, [{ ...old, deprecated }], {}, { authOf: () => anybody });
    const { headers } = await app.inject('/api/v1/old');
    expect(headers.deprecation).to.equal(`@${Date.UTC(2026, 10, 30) / 1_000}`);
    expect(openApiDocument([{ ...old, deprecated }])).to.have.nested.property('paths./api/v1/old.get.deprecated', true);
  });

  it('fail the tests where a reply has a field, status or code that its schema does not name', async () => {
    const scripted = makeScriptedApi();
    const { ask, api, promise } = await open({}, scripted);
    promise('sleep');
    api.pingSelf = async () => ({ ok: true, value: { local: { ms: 3, detail: 'fine', mood: 'good' } } }) as never;
    api.getPromise = async () => {
      throw Object.assign(new Error('no'), { statusCode: 418, code: 'tea' });
    };
    api.cancelPromise = async () => ({ ok: false, error: { code: 'promise/moody', message: 'not today' } }) as never;
    await ask('POST', '/api/v1/self-ping');
    await ask('GET', '/api/v1/promises/1');
    await ask('POST', '/api/v1/promises/1/cancel');
    const [field, status, code, ...more] = takeBrokenReplies();
    expect(field).to.match(/^POST \/self-ping 200: has what its schema does not have/);
    expect(status).to.match(/^GET \/promises\/:id 418: the route names no refusal http\/invalid-request/);
    expect(code).to.match(/^POST \/promises\/:id\/cancel 409: the route names no refusal promise\/moody/);
    expect(more).to.deep.equal([]);
  });
});
