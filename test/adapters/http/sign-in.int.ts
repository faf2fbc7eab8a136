import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { generateCACertificate } from 'mockttp';
import { makeUnstoredState } from '../../../src/adapters/http/auth/sign-ins.ts';
import type { HttpServerOptions } from '../../../src/adapters/http/index.ts';
import type { KeptEvent } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, JSON_TYPE, makeOpen, openStream, rawRequest } from '../../support/http-client.ts';
import { asPage, postToken, signIn, statusOf, TOKEN } from '../../support/sign-in.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heldBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

describe('HTTP: sign-in', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  const guarded = (options: Partial<HttpServerOptions> = {}) => open({ apiToken: TOKEN, ...options });
  it('by the token opens the API to the page, and says when it ends; the cookie is out of reach of scripts and other sites', async () => {
    const { url } = await guarded();
    const { cookie, csrf, line } = await signIn(url);
    expect(line).to.match(/^kept-[0-9a-f]{8}=v1\.[^;]+; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie }))).to.equal(200);
    const session = await rawRequest(`${url}/api/v1/session`, { headers: asPage(url, { cookie }) });
    expect(JSON.parse(session.body)).to.include({ required: true, signedIn: true, csrfToken: csrf });
    expect(session.headers['cache-control']).to.equal('no-store');
    const told = await rawRequest(`${url}/health`, { headers: asPage(url, { cookie }) });
    expect(JSON.parse(told.body)).to.include({ model: 'rehearsal' });
    const nobody = await rawRequest(`${url}/api/v1/session`);
    expect(JSON.parse(nobody.body)).to.deep.equal({ required: true, signedIn: false });
    const program = await rawRequest(`${url}/api/v1/session`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(JSON.parse(program.body)).to.deep.equal({ required: true, signedIn: true });
  });

  it('over TLS sets a cookie that only TLS carries and no other host can set', async () => {
    const { url } = await guarded({ tls: await generateCACertificate() });
    const { cookie, line } = await signIn(url);
    expect(line).to.match(/^__Host-kept-[0-9a-f]{8}=.*; HttpOnly; SameSite=Strict; Secure$/);
    expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie }))).to.equal(200);
    // One that was planted without TLS is not looked at.
    expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie: cookie.replace('__Host-', '') }))).to.equal(401);
  });

  it('is not wanted, and not possible, where no token is set', async () => {
    const { url } = await open();
    const asked = await rawRequest(`${url}/api/v1/session`);
    expect(JSON.parse(asked.body)).to.deep.equal({ required: false, signedIn: true });
    const refused = await postToken(url, 'any');
    expect([refused.status, JSON.parse(refused.body).error.code]).to.deep.equal([409, 'http/no-sign-in']);
  });

  it('is refused with a wrong token, or none', async () => {
    const { url } = await guarded();
    for (const [token, status] of [
      ['wrong', 401],
      ['', 400],
      [7, 400],
      [TOKEN.toUpperCase(), 401],
      ['x'.repeat(1_001), 400],
    ] as const) {
      const refused = await postToken(url, token);
      expect(refused.status, String(token).slice(0, 20)).to.equal(status);
      expect(refused.headers).not.to.have.property('set-cookie');
    }
  });

  it('holds after a restart, and at another process on the same data', async () => {
    const state = makeUnstoredState();
    const first = await guarded({ signIns: state });
    const { cookie } = await signIn(first.url);
    await first.close();
    closers.length = 0;
    const second = await guarded({ signIns: state });
    expect(await statusOf(second.url, 'GET', '/api/v1/promises', asPage(second.url, { cookie }))).to.equal(200);
    const other = await guarded({ signIns: state, apiToken: 'another token for it' });
    expect(await statusOf(other.url, 'GET', '/api/v1/promises', asPage(other.url, { cookie }))).to.equal(401);
  });

  it('ends at once, with its streams, where somebody signs out; the others go on', async () => {
    const { url, logger } = await guarded();
    const [one, two] = [await signIn(url), await signIn(url)];
    const streams = await Promise.all([one, two].map(({ cookie }) => openStream(`${url}/api/v1/chat/stream`, asPage(url, { cookie }))));
    const out = await rawRequest(`${url}/api/v1/session`, {
      method: 'DELETE',
      headers: asPage(url, { cookie: one.cookie, 'x-csrf-token': one.csrf }),
    });
    expect(out.status, out.body).to.equal(200);
    expect(out.headers['set-cookie']?.[0]).to.match(/^kept-[0-9a-f]{8}=; Path=\/; Max-Age=0; HttpOnly; SameSite=Strict$/);
    await streams[0]?.ended;
    expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie: one.cookie }))).to.equal(401);
    expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie: two.cookie }))).to.equal(200);
    const everywhere = await rawRequest(`${url}/api/v1/session?everywhere=true`, {
      method: 'DELETE',
      headers: asPage(url, { cookie: two.cookie, 'x-csrf-token': two.csrf }),
    });
    expect(everywhere.status).to.equal(200);
    expect(logger.lines.filter(({ message }) => message === 'all sign-ins at the page were ended')).to.have.length(1);
    await streams[1]?.ended;
    expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie: two.cookie }))).to.equal(401);
  });

  it('ends streams of another process on the same data where somebody signs out everywhere, with the token too', async () => {
    const state = makeUnstoredState();
    const [here, there] = [await guarded({ signIns: state }), await guarded({ signIns: state })];
    const { cookie } = await signIn(here.url);
    const stream = await openStream(`${there.url}/api/v1/chat/stream`, asPage(there.url, { cookie }));
    expect(await statusOf(here.url, 'DELETE', '/api/v1/session?everywhere=true', { authorization: `Bearer ${TOKEN}` })).to.equal(200);
    await stream.ended;
  });

  describe('by guessing', () => {
    it('is slowed down for its address, told once for each wait, and does not keep out who is known there', async () => {
      const scripted = makeScriptedApi();
      const told: [string, boolean][] = [];
      const { url } = await open({ apiToken: TOKEN, onToken: (...one) => told.push(one) }, scripted);
      const statuses: number[] = [];
      for (let n = 0; n < 13; n++) statuses.push((await postToken(url, `guess ${n}`)).status);
      expect(statuses).to.deep.equal([...Array(11).fill(401), 429, 429]);
      const waiting = await postToken(url, TOKEN);
      expect(waiting.status, 'the right one, while the address waits').to.equal(429);
      expect(Number(waiting.headers['retry-after'])).to.be.within(1, 2);
      expect(JSON.parse(waiting.body).error.code).to.equal('http/too-many-guesses');
      expect(await statusOf(url, 'GET', '/api/v1/promises', { authorization: `Bearer ${TOKEN}` })).to.equal(429);
      const lines = scripted.logger.lines.filter(({ message }) => /guesses tokens/.test(message));
      expect(lines.map(({ level }) => level)).to.deep.equal(['warn']);
      expect(JSON.stringify(lines)).to.include('127.0.0.1').and.not.include('guess 1');
      expect(told.every(([address, accepted]) => address === '127.0.0.1' && !accepted)).to.equal(true);
    });

    it('keeps nobody out who has used the right token from that address before', async () => {
      const { url } = await guarded();
      const { cookie } = await signIn(url);
      for (let n = 0; n < 15; n++) await postToken(url, `guess ${n}`);
      expect((await postToken(url, 'guess')).status).to.equal(429);
      expect((await postToken(url, TOKEN)).status).to.equal(200);
      expect(await statusOf(url, 'GET', '/api/v1/promises', { authorization: `Bearer ${TOKEN}` })).to.equal(200);
      expect(await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie }))).to.equal(200);
    });

    it('keeps nobody out at another address, where a proxy that is trusted tells them apart', async () => {
      const { url } = await guarded({ trustedProxies: ['127.0.0.1'] });
      for (let n = 0; n < 15; n++) await postToken(url, `guess ${n}`, { 'x-forwarded-for': '192.0.2.1' });
      expect((await postToken(url, TOKEN, { 'x-forwarded-for': '192.0.2.1' })).status).to.equal(429);
      expect((await postToken(url, TOKEN, { 'x-forwarded-for': '192.0.2.2' })).status).to.equal(200);
      // What the client itself claims is not believed: the proxy's own entry is the last.
      expect((await postToken(url, TOKEN, { 'x-forwarded-for': '192.0.2.2, 192.0.2.1' })).status).to.equal(429);
    });

    it('10,000 times takes little time and memory, and tells little', async function () {
      this.timeout(180_000);
      let told = 0;
      const events = {
        emit: (event: KeptEvent) => {
          if (event.type === 'http-noticed' && event.notice === 'guesses-slowed') told++;
        },
      };
      const { url } = await guarded({ trustedProxies: ['127.0.0.1'], events });
      await postToken(url, 'warm up');
      const [before, began] = [heldBytes(), performance.now()];
      for (let n = 0; n < 10_000; n += 100)
        await Promise.all(
          Array.from({ length: 100 }, (_, at) =>
            fetch(`${url}/api/v1/promises`, {
              headers: { authorization: `Bearer guess ${n + at}`, 'x-forwarded-for': `198.51.100.${(n + at) % 4}` },
            }).then(async (answer) => {
              await answer.text();
              expect([401, 429]).to.include(answer.status);
            }),
          ),
        );
      const [ms, grown] = [performance.now() - began, heldBytes() - before];
      expect(ms).to.be.lessThan(150_000);
      expect(grown).to.be.lessThan(20 * 1024 ** 2);
      expect(told).to.be.within(4, 40);
    });
  });

  it('fails with its store for whoever needs it alone: health answers, and nobody without a cookie asks the store', async () => {
    let [isAway, looks] = [false, 0];
    const state = makeUnstoredState();
    const list = async (prefix: string) => {
      looks++;
      if (isAway) throw new PortError('unavailable', 'the database is away', { retryable: true });
      return state.list(prefix);
    };
    const { url } = await guarded({ signIns: { ...state, list }, rateLimitPerMinute: 1_000 });
    const OPEN = ['/health', '/health/ready', '/api/v1/openapi.json'];
    const GUARDED = ['/api/v1/promises', '/metrics'];
    for (const headers of [{}, { cookie: 'theme=dark' }]) {
      for (const path of OPEN) expect(await statusOf(url, 'GET', path, headers), path).to.equal(200);
      for (const path of GUARDED) expect(await statusOf(url, 'GET', path, headers), path).to.equal(401);
    }
    expect(looks).to.equal(0);
    isAway = true;
    const headers = asPage(url, { cookie: `kept-12345678=v1.${'x'.repeat(22)}.1.2.${'x'.repeat(43)}` });
    for (const path of OPEN) expect(await statusOf(url, 'GET', path, headers), path).to.equal(200);
    expect(JSON.parse((await rawRequest(`${url}/health`, { headers })).body)).to.have.all.keys('status');
    // Whether somebody is signed in is not known: to say no would send them away.
    for (const path of [...GUARDED, '/api/v1/session']) expect(await statusOf(url, 'GET', path, headers), path).to.equal(503);
    expect(await statusOf(url, 'DELETE', '/api/v1/session', headers)).to.equal(503);
  });

  it('gives the page ten times the rate of a program, and neither uses up that of the other', async () => {
    const { url } = await guarded({ rateLimitPerMinute: 3 });
    const { cookie } = await signIn(url);
    const asked = async (times: number, headers: Record<string, string>): Promise<number> => {
      const statuses: number[] = [];
      for (let n = 0; n < times; n++) statuses.push(await statusOf(url, 'GET', '/api/v1/promises', headers));
      return statuses.filter((status) => status === 200).length;
    };
    expect(await asked(40, asPage(url, { cookie }))).to.equal(30);
    expect(await asked(5, { authorization: `Bearer ${TOKEN}` })).to.equal(3);
  });

  describe('behind a proxy', () => {
    const forwarded = { 'x-forwarded-host': 'kept.example', 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };

    it('that is trusted sets the cookie of TLS, for the name that people use', async () => {
      const { url } = await guarded({ trustedProxies: ['127.0.0.0/8'], corsOrigins: ['https://kept.example'] });
      const page = { ...forwarded, origin: 'https://kept.example' };
      const { cookie, csrf, line } = await signIn(url, page);
      expect(line).to.match(/^__Host-kept-.*; Secure$/);
      const headers = { ...JSON_TYPE, ...asPage(url, { ...page, cookie, 'x-csrf-token': csrf }) };
      const answer = await rawRequest(`${url}/api/v1/chat/messages`, { method: 'POST', headers }, '{"text":"hi"}');
      expect(answer.status, answer.body).to.equal(202);
      expect(answer.headers['strict-transport-security']).to.equal('max-age=31536000');
    });

    it('that nobody trusts is not believed', async () => {
      const { url } = await guarded({ trustedProxies: ['192.0.2.0/24'], corsOrigins: ['https://kept.example'] });
      const answer = await postToken(url, TOKEN, forwarded);
      expect(answer.status, answer.body).to.equal(200);
      expect(answer.headers['set-cookie']?.[0]).to.match(/^kept-/);
      expect(answer.headers).not.to.have.property('strict-transport-security');
    });

    it('is answered by the names alone that were given', async () => {
      const { url } = await guarded({ trustedProxies: ['127.0.0.1'] });
      expect((await postToken(url, TOKEN, { ...forwarded, origin: 'https://kept.example' })).status).to.equal(403);
    });
  });
});
