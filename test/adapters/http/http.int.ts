import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { err } from '../../../src/domain/index.ts';
import { type HealthSummary, isPortError, PortError } from '../../../src/ports/index.ts';
import { makeScriptedApi, serve } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

describe('HTTP: health, page and everything else', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('answers 200 to whether it lives, whatever its health is', async () => {
    const scripted = makeScriptedApi();
    const healthy = await scripted.api.health();
    let status: HealthSummary['status'] = 'healthy';
    scripted.api.health = async () => ({ ...healthy, status });
    const { ask } = await open({}, scripted);
    const codes: number[] = [];
    for (status of ['healthy', 'degraded', 'unhealthy'] as const) codes.push((await ask('GET', '/health')).status);
    expect(codes).to.deep.equal([200, 200, 200]);
    expect((await ask('GET', '/health')).body).to.include({ pid: process.pid, model: 'rehearsal', storage: 'memory' });
  });

  it('pings itself when asked to, and says so where another bot answers', async () => {
    const scripted = makeScriptedApi();
    const { ask } = await open({}, scripted);
    const pinged = await ask('POST', '/api/self-ping', {});
    expect([pinged.status, pinged.body]).to.deep.equal([200, { local: { ms: 3, detail: 'from message to delivered answer' } }]);
    scripted.api.pingSelf = async () => err({ code: 'bot/stands-by', message: 'another bot answers' });
    expect((await ask('POST', '/api/self-ping', {})).status).to.equal(409);
  });

  it('refuses a path that is not well encoded in the shape of all errors, with the headers of all answers', async () => {
    const { url } = await open();
    const refused = await fetch(`${url}/%ff`);
    expect(refused.status).to.equal(400);
    expect(refused.headers.get('x-content-type-options')).to.equal('nosniff');
    const { error } = (await refused.json()) as { error: { code: string; message: string } };
    expect(error.code).to.equal('http/invalid-request');
    expect(error.message).to.match(/the path can't be read/);
  });

  it('answers HEAD like GET, without the body', async () => {
    const scripted = makeScriptedApi();
    const healthy = await scripted.api.health();
    const { url } = await open({ apiToken: 'open sesame' }, scripted);
    const headersOf = ({ headers }: Response) =>
      ['content-type', 'content-length', 'etag', 'cache-control', 'content-security-policy'].map((name) => headers.get(name));
    for (const path of ['/', '/page.css', '/health', '/api/promises']) {
      const [got, headed] = [await fetch(url + path), await fetch(url + path, { method: 'HEAD' })];
      expect(headed.status, path).to.equal(got.status);
      expect(headersOf(headed), path).to.deep.equal(headersOf(got));
      expect(await headed.text()).to.equal('');
    }
    scripted.api.health = async () => ({ ...healthy, status: 'unhealthy' });
    scripted.api.checkReadiness = async () => ({ ready: false, reasons: ['storage.disk: full'] });
    expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).to.equal(200);
    expect((await fetch(`${url}/health/ready`, { method: 'HEAD' })).status).to.equal(503);
  });

  it('answers unknown routes with 404 that names the description, and wrong methods with 405', async () => {
    const { ask } = await open();
    const lost = await ask('GET', '/api/nowhere');
    expect(lost).to.deep.include({ status: 404 });
    expect(lost.body.error.hint).to.include('docs/reference/http-api.md');
    for (const [method, path, allow] of [
      ['DELETE', '/api/chat/messages', 'POST, GET, HEAD'],
      ['POST', '/api/promises', 'GET, HEAD'],
      ['PUT', '/health', 'GET, HEAD'],
      ['HEAD', '/api/chat/stream', 'GET'],
      ['GET', '/api/promises/1/cancel', 'POST'],
      ['POST', '/', 'GET, HEAD'],
    ] as const) {
      const refused = await ask(method, path, method === 'GET' || method === 'HEAD' ? undefined : '{}');
      expect(refused.status, `${method} ${path}`).to.equal(405);
      expect(refused.headers.get('allow')).to.equal(allow);
    }
  });

  it('says 503 and nothing of the inside when storage fails, and 500 for what nobody foresaw', async () => {
    const scripted = makeScriptedApi();
    scripted.api.postMessage = async () => {
      throw new PortError('storage-full', 'SQLITE_FULL at /home/ann/data.db', { retryable: true });
    };
    scripted.api.getPromise = async () => {
      throw new Error('secret inside');
    };
    const { ask, logger } = await open({}, scripted);
    const full = await ask('POST', '/api/chat/messages', { text: 'x' });
    expect(full).to.deep.include({ status: 503 });
    expect(full.headers.get('retry-after')).to.equal('1');
    expect(full.body.error.code).to.equal('storage/storage-full');
    const broken = await ask('GET', '/api/promises/1');
    expect(broken).to.deep.include({ status: 500 });
    expect(JSON.stringify([full.body, broken.body])).to.not.match(/SQLITE|ann|secret inside/);
    expect(logger.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields.reason)).to.deep.equal([
      'SQLITE_FULL at /home/ann/data.db',
      'secret inside',
    ]);
  });

  it('serves the page and its parts with headers that let nothing else in', async () => {
    const { url } = await open();
    const page = await fetch(url);
    expect(page.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).to.match(/default-src 'none'; script-src 'self';/);
    // What an answer names is never fetched by itself: its address could carry something out.
    expect(page.headers.get('content-security-policy')).to.match(/; img-src 'self'; connect-src 'self';/);
    expect(page.headers.get('x-dns-prefetch-control')).to.equal('off');
    expect(page.headers.get('x-content-type-options')).to.equal('nosniff');
    const html = await page.text();
    const parts = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path as string);
    expect(parts).to.include.members(['/page.css', '/page.js', '/icon.svg']);
    expect(html).to.not.match(/https?:\/\/|<script>| on\w+=|style=/);
    for (const part of [
      ...parts,
      '/chat.js',
      '/promises.js',
      '/router.js',
      '/views/schedules.js',
      '/breathe.js',
      '/markdown.js',
      '/parser.js',
      '/as-written.js',
      '/as-written-blocks.js',
      '/as-written-emphasis.js',
      '/hosts.js',
      '/markdown-it.js',
      '/plain.js',
      '/server.js',
    ]) {
      const response = await fetch(url + part);
      expect(response.status, part).to.equal(200);
      const etag = response.headers.get('etag') as string;
      expect((await fetch(url + part, { headers: { 'if-none-match': etag } })).status).to.equal(304);
    }
  });

  it('says plainly that its address is taken', async () => {
    const { url } = await open();
    const failed = await serve(makeScriptedApi(), { port: Number(new URL(url).port) }).catch((error: unknown) => error);
    expect(isPortError(failed) && failed.code).to.equal('unavailable');
    expect((failed as Error).message).to.match(/^port \d+ is taken: set PORT to another one/);
  });

  it('ends streams and finishes what is under way when it closes', async () => {
    const scripted = makeScriptedApi();
    const entered = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    scripted.api.getPromise = async () => {
      entered.resolve();
      await gate.promise;
      return undefined;
    };
    const { ask, stream, close } = await open({}, scripted);
    const { ended } = await stream();
    const late = ask('GET', '/api/promises/1');
    await entered.promise;
    const closed = close();
    await ended;
    gate.resolve();
    expect((await late).status).to.equal(404);
    await closed;
  });

  it('waits no longer than its grace for what never ends', async () => {
    const scripted = makeScriptedApi();
    const entered = Promise.withResolvers<void>();
    scripted.api.getPromise = () => {
      entered.resolve();
      return new Promise(() => undefined);
    };
    const { ask, close } = await open({ graceMs: 50 }, scripted);
    const cut = ask('GET', '/api/promises/1').catch((error: Error) => error.message);
    await entered.promise;
    await close();
    expect(await cut).to.equal('fetch failed');
  });

  it('speaks no HTTP that is not whole: a bare newline gets an answer, and the server lives', async () => {
    const { url, ask } = await open();
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.write('nonsense\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).to.match(/^HTTP\/1\.1 400/);
    socket.destroy();
    expect((await ask('GET', '/health')).status).to.equal(200);
  });
});
