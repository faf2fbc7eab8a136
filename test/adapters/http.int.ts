import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { type HealthSummary, type HttpServerOptions, makeHttpServer } from '../../src/adapters/http/index.ts';
import { DEFAULT_LOCAL_CHAT, InvalidValueError, localChatId, MAX_MESSAGE_LENGTH, messageId } from '../../src/domain/index.ts';
import { isPortError, PortError } from '../../src/ports/index.ts';
import { makeScriptedApi, openStream, rawRequest, type ScriptedApi, serve } from '../support/http-api.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Resolves when a stream of this api has ended on the server's side. */
const leaving = ({ api }: ScriptedApi): Promise<void> =>
  new Promise((resolve) => {
    const { subscribe } = api;
    api.subscribe = (...args) => {
      const unsubscribe = subscribe(...args);
      return () => {
        unsubscribe();
        resolve();
      };
    };
  });

describe('the HTTP server', () => {
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const open = async (options: Partial<HttpServerOptions> = {}, scripted: ScriptedApi = makeScriptedApi()) => {
    const server = await serve(scripted, options);
    closers.push(server.close);
    const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...(body === undefined ? {} : JSON_TYPE), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
    };
    const stream = async (path = '', headers: Record<string, string> = {}) => {
      const opened = await openStream(`${server.url}/api/chat/stream${path}`, headers);
      closers.push(async () => {
        opened.leave();
        await opened.ended;
      });
      return opened;
    };
    return { ...scripted, url: server.url, close: server.close, ask, stream };
  };

  describe('messages', () => {
    it('takes a message with 202, in the default chat or the one named, and lists what was said', async () => {
      const { ask, say } = await open();
      const posted = await ask('POST', '/api/chat/messages', { text: 'What is due?' });
      expect(posted).to.deep.include({ status: 202, body: { chatId: DEFAULT_LOCAL_CHAT, messageId: 1 } });
      await say('The report.', { replyTo: messageId(1), answers: [messageId(1)] });
      const { body } = await ask('GET', '/api/chat/messages');
      expect(body.messages.map(({ at, ...rest }: { at: string }) => rest)).to.deep.equal([
        { messageId: 1, chatId: DEFAULT_LOCAL_CHAT, from: 'operator', text: 'What is due?' },
        { messageId: 2, chatId: DEFAULT_LOCAL_CHAT, from: 'agent', text: 'The report.', replyTo: 1, answers: [1] },
      ]);
      expect(body.messages[0].at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      for (const chatId of [7, '7', localChatId(7), String(localChatId(7))])
        expect((await ask('POST', '/api/chat/messages', { text: 'hi', chatId })).body.chatId).to.equal(localChatId(7));
      expect((await ask('GET', '/api/chat/messages?chatId=7')).body.messages).to.have.length(4);
    });

    it('lists the newest without `after`, and from there on with it, oldest first', async () => {
      const { ask, say } = await open();
      for (let n = 1; n <= 5; n++) await say(`m${n}`);
      const texts = async (query: string) =>
        (await ask('GET', `/api/chat/messages${query}`)).body.messages.map((m: { text: string }) => m.text);
      expect(await texts('?limit=2')).to.deep.equal(['m4', 'm5']);
      expect(await texts('?after=0&limit=2')).to.deep.equal(['m1', 'm2']);
      expect(await texts('?after=3')).to.deep.equal(['m4', 'm5']);
      expect(await texts('?after=5')).to.deep.equal([]);
    });

    it('takes a text of the greatest length, however its characters are written, to the letter', async () => {
      const { ask } = await open();
      for (const letter of ['x', '€', '"', '\u0007']) {
        const text = letter.repeat(MAX_MESSAGE_LENGTH);
        expect((await ask('POST', '/api/chat/messages', { text })).status).to.equal(202);
        expect((await ask('GET', '/api/chat/messages?limit=1')).body.messages[0].text).to.equal(text);
      }
    });

    for (const [name, size, code] of [
      ['longer than a message may be', MAX_MESSAGE_LENGTH + 1, 'message/too-long'],
      ['of a megabyte', 1024 * 1024, 'http/body-too-large'],
      ['of twenty megabytes', 20 * 1024 * 1024, 'http/body-too-large'],
    ] as const)
      it(`answers a text ${name} with a clear 413 and goes on working`, async () => {
        const { ask, transcript } = await open();
        const refused = await ask('POST', '/api/chat/messages', { text: 'x'.repeat(size) });
        expect(refused.status).to.equal(413);
        expect(refused.body.error.code).to.equal(code);
        expect(await transcript.latest(DEFAULT_LOCAL_CHAT, 1)).to.deep.equal([]);
        expect((await ask('POST', '/api/chat/messages', { text: 'short' })).status).to.equal(202);
      });

    it('lets a client that writes all before it reads anything read its 413', async () => {
      const { url } = await open();
      const { hostname, port, host } = new URL(url);
      const socket = connect({ host: hostname, port: Number(port) });
      closers.push(async () => socket.destroy());
      const broken = new Promise<never>((_, reject) => socket.once('error', reject));
      const size = 20 * 1024 * 1024;
      const head = [`POST /api/chat/messages HTTP/1.1`, `Host: ${host}`, 'Content-Type: application/json', `Content-Length: ${size}`];
      socket.pause();
      socket.write(`${head.join('\r\n')}\r\n\r\n`);
      const piece = Buffer.alloc(1024 * 1024, 'x');
      for (let sent = 0; sent < size; sent += piece.length)
        await Promise.race([new Promise<void>((resolve) => socket.write(piece, () => resolve())), broken]);
      const [answer] = await Promise.race([once(socket.resume(), 'data'), broken]);
      expect(String(answer)).to.match(/^HTTP\/1\.1 413 .*http\/body-too-large/s);
    });

    it('answers a megabyte sent in chunks with 413 too', async () => {
      const { url } = await open();
      const headers = { ...JSON_TYPE, 'transfer-encoding': 'chunked' };
      const refused = await rawRequest(`${url}/api/chat/messages`, { method: 'POST', headers }, JSON.stringify({ text: 'x'.repeat(1e6) }));
      expect(refused.status).to.equal(413);
    });

    for (const [name, body, status, words] of [
      ['broken JSON', '{"text": ', 400, /not JSON/],
      ['no body', '', 400, /JSON object/],
      ['a list', [], 400, /JSON object/],
      ['a missing text', {}, 400, /text: is missing/],
      ['a text that is a number', { text: 5 }, 400, /text: must be a string/],
      ['an empty text', { text: ' \n ' }, 400, /text: must not be empty/],
      ['a chat that is no number', { text: 'x', chatId: 'home' }, 400, /chatId: a chat id must be a whole number/],
      ['a chat of Telegram', { text: 'x', chatId: -100123 }, 400, /is not a local chat/],
      ['the chat of the self-ping', { text: 'x', chatId: 2_001_000_000_000 }, 400, /is not a local chat/],
      ['a misspelt field', { text: 'x', chatid: 2 }, 400, /chatid/],
      ['a poisoned prototype', '{"text":"x","__proto__":{"chatId":3}}', 400, /not JSON/],
    ] as const)
      it(`refuses ${name} with ${status} and says why`, async () => {
        const { ask, transcript } = await open();
        const refused = await ask('POST', '/api/chat/messages', body);
        expect(refused.status).to.equal(status);
        expect(refused.body.error.message).to.match(words);
        expect(await transcript.unreceived(1)).to.deep.equal([]);
      });

    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      it(`refuses a body of type ${type} with 415`, async () => {
        const { ask } = await open();
        const refused = await ask('POST', '/api/chat/messages', '{"text":"hi"}', { 'content-type': type });
        expect(refused).to.deep.include({ status: 415 });
        expect(refused.body.error).to.have.keys('code', 'message', 'hint');
      });

    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'after=-1', 'after=x', 'chatId=x', 'chatId='])
      it(`refuses to list with ${query}`, async () => {
        const { ask } = await open();
        expect((await ask('GET', `/api/chat/messages?${query}`)).status).to.equal(400);
      });
  });

  describe('promises', () => {
    it('lists them newest first, by status and chat, and shows one', async () => {
      const { ask, promise, run, complete, fail, deliver } = await open();
      promise('write the report', { messageId: messageId(3) });
      promise('count the beans', { chatId: localChatId(2), priority: 2 });
      promise('wait for both', { dependsOn: [1, 2] as never });
      run(1 as never);
      complete(1 as never, 'It is written.');
      deliver(1 as never);
      run(2 as never);
      fail(2 as never, 'no beans');
      const ids = async (query: string) => (await ask('GET', `/api/promises${query}`)).body.promises.map(({ id }: { id: number }) => id);
      expect(await ids('')).to.deep.equal([3, 2, 1]);
      expect(await ids('?limit=1')).to.deep.equal([3]);
      expect(await ids('?status=completed')).to.deep.equal([1]);
      expect(await ids('?status=completed,failed')).to.deep.equal([2, 1]);
      expect(await ids('?status=waiting&status=failed')).to.deep.equal([3, 2]);
      expect(await ids('?chatId=2')).to.deep.equal([2]);
      expect(await ids('?chatId=-100123')).to.deep.equal([]);
      const done = (await ask('GET', '/api/promises/1')).body;
      expect(done).to.deep.include({
        ...{ id: 1, chatId: DEFAULT_LOCAL_CHAT, messageId: 3, status: 'completed', taskDescription: 'write the report' },
        ...{ taskType: 'analysis', resultSummary: 'It is written.', priority: 5, attempts: 1, dependsOn: [] },
      });
      for (const time of ['createdAt', 'completedAt', 'deliveredAt']) expect(new Date(done[time]).toISOString()).to.equal(done[time]);
      expect((await ask('GET', '/api/promises/2')).body).to.include({ status: 'failed', errorMessage: 'no beans' });
      expect((await ask('GET', '/api/promises/3')).body).to.deep.include({ status: 'waiting', dependsOn: [1, 2] });
    });

    it('cancels and retries, with and without a JSON body, and refuses what cannot be with 409', async () => {
      const { ask, promise, statusOf } = await open();
      const { id } = promise('sleep');
      expect((await ask('POST', `/api/promises/${id}/cancel`, '')).body).to.include({
        status: 'cancelled',
        errorMessage: 'cancelled by the operator',
      });
      const again = await ask('POST', `/api/promises/${id}/cancel`);
      expect(again).to.deep.include({ status: 409 });
      expect(again.body.error).to.deep.include({ code: 'promise/already-settled' });
      expect(again.body.error.message).to.match(/already settled/);
      expect((await ask('POST', `/api/promises/${id}/retry`, {})).body).to.include({ id, status: 'pending' });
      expect((await ask('POST', `/api/promises/${id}/retry`)).body.error.code).to.equal('promise/not-settled');
      expect(statusOf(id)).to.equal('pending');
    });

    for (const [method, path, status] of [
      ['GET', '/api/promises/99', 404],
      ['POST', '/api/promises/99/cancel', 404],
      ['POST', '/api/promises/99/retry', 404],
      ['GET', '/api/promises/abc', 400],
      ['GET', '/api/promises/0', 400],
      ['POST', '/api/promises/-1/cancel', 400],
      ['GET', '/api/promises?status=done', 400],
      ['GET', '/api/promises?limit=0', 400],
    ] as const)
      it(`answers ${method} ${path} with ${status}`, async () => {
        const { ask } = await open();
        const refused = await ask(method, path);
        expect(refused.status).to.equal(status);
        expect(refused.body.error.message).to.be.a('string');
      });
  });

  describe('the event stream', () => {
    it('shows messages, growing drafts and promises of its chat as they come', async () => {
      const { stream, chat, say, promise, run, complete, ask } = await open();
      const { next, events, response } = await stream();
      expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
      await ask('POST', '/api/chat/messages', { text: 'go' });
      await next(({ event, data }) => event === 'message' && data.text === 'go');
      chat.showDraft(DEFAULT_LOCAL_CHAT, 'On it');
      await next(({ event, data }) => event === 'draft' && data.text === 'On it');
      const { id } = promise('work');
      promise('work elsewhere', { chatId: localChatId(2) });
      run(id);
      complete(id, 'done');
      await next(({ event, data }) => event === 'promise' && data.status === 'completed');
      await say('On it, promise #1.', { answers: [messageId(1)] });
      await next(({ event, data }) => event === 'draft' && data.text === '');
      const answer = await next(({ event, data }) => event === 'message' && data.from === 'agent');
      expect(answer).to.deep.include({ id: '2' });
      expect(answer.data).to.deep.include({ text: 'On it, promise #1.', answers: [1] });
      expect(events.filter(({ data }) => data.taskDescription === 'work elsewhere')).to.deep.equal([]);
    });

    it('resumes with Last-Event-ID without losing or repeating a message', async () => {
      const { stream, say } = await open();
      const first = await stream('?after=0');
      await say('one');
      const { id } = await first.next(({ data }) => data.text === 'one');
      first.leave();
      for (const text of ['two', 'three']) await say(text);
      const second = await stream('', { 'last-event-id': id as string });
      await say('four');
      await second.next(({ data }) => data.text === 'four');
      expect(second.events.map(({ id, data }) => `${id} ${data.text}`)).to.deep.equal(['2 two', '3 three', '4 four']);
    });

    it('replays a long chat whole, and lets go of it when the client leaves', async () => {
      const scripted = makeScriptedApi();
      const gone = leaving(scripted);
      const { stream, say } = await open({}, scripted);
      for (let n = 1; n <= 300; n++) await say(`m${n} ${'x'.repeat(5_000)}`);
      const { next, events, leave } = await stream('?after=0');
      await next(({ id }) => id === '300');
      expect(events.map(({ id }) => Number(id))).to.deep.equal(Array.from({ length: 300 }, (_, i) => i + 1));
      leave();
      await gone;
    });

    it('sends heartbeats', async () => {
      const { stream } = await open({ heartbeatMs: 5 });
      const { comment } = await stream();
      expect(await comment()).to.equal(': still here');
    });

    it('reads no further ahead than a client that takes nothing in, and lets it go in the end', async () => {
      const scripted = makeScriptedApi();
      const gone = leaving(scripted);
      const { url, say, transcript } = await open({ stallMs: 300 }, scripted);
      for (let n = 1; n <= 400; n++) await say('x'.repeat(99_000));
      let furthest = 0;
      const list = transcript.list;
      transcript.list = (chatId, after, limit) => {
        furthest = Math.max(furthest, after);
        return list(chatId, after, limit);
      };
      const { hostname, port } = new URL(url);
      const socket = connect({ host: hostname, port: Number(port) });
      socket.pause();
      socket.write(`GET /api/chat/stream?after=0 HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
      await gone;
      socket.destroy();
      expect(furthest).to.be.lessThan(400);
    });

    for (const [query, headers] of [
      ['?chatId=-5', {}],
      ['?after=x', {}],
      ['', { 'last-event-id': 'x' }],
    ] as const)
      it(`refuses ${query || 'a Last-Event-ID that is no number'} with 400`, async () => {
        const { ask } = await open();
        expect((await ask('GET', `/api/chat/stream${query}`, undefined, headers)).status).to.equal(400);
      });
  });

  describe('health and everything else', () => {
    it('answers 200 while it works, degraded or not, and 503 when it is down', async () => {
      const scripted = makeScriptedApi();
      const healthy = await scripted.api.health();
      let status: HealthSummary['status'] = 'ok';
      scripted.api.health = async () => ({ ...healthy, status });
      const { ask } = await open({}, scripted);
      const codes: number[] = [];
      for (status of ['ok', 'degraded', 'down'] as const) codes.push((await ask('GET', '/health')).status);
      expect(codes).to.deep.equal([200, 200, 503]);
      expect((await ask('GET', '/health')).body).to.include({ pid: process.pid, model: 'rehearsal', storage: 'memory' });
    });

    it('answers unknown routes with 404 that names the description, and wrong methods with 405', async () => {
      const { ask } = await open();
      const lost = await ask('GET', '/api/nowhere');
      expect(lost).to.deep.include({ status: 404 });
      expect(lost.body.error.hint).to.include('docs/reference/http-api.md');
      for (const [method, path, allow] of [
        ['DELETE', '/api/chat/messages', 'POST, GET'],
        ['POST', '/api/promises', 'GET'],
        ['PUT', '/health', 'GET'],
        ['GET', '/api/promises/1/cancel', 'POST'],
        ['POST', '/', 'GET'],
      ] as const) {
        const refused = await ask(method, path, method === 'GET' ? undefined : '{}');
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
      expect(page.headers.get('x-content-type-options')).to.equal('nosniff');
      const html = await page.text();
      const parts = [...html.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path]) => path as string);
      expect(parts).to.include.members(['/page.css', '/page.js', '/icon.svg']);
      expect(html).to.not.match(/https?:\/\/|<script>| on\w+=|style=/);
      for (const part of [...parts, '/chat.js', '/promises.js', '/markdown.js', '/server.js']) {
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
      expect((failed as Error).message).to.match(/cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
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
  });

  describe('who may ask', () => {
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

    it('is not made with an allowed origin that is none', () => {
      const { api, logger } = makeScriptedApi();
      const options = { api, logger, host: '127.0.0.1', port: 0, maxRequestBytes: 1_000 };
      for (const origin of ['*', 'kept.example', 'https://kept.example/', 'file:///x', 'null'])
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

    it('limits the rate under /api, wrong tokens included, and nowhere else', async () => {
      const { ask } = await open({ rateLimitPerMinute: 3, apiToken: 'open sesame' });
      const codes: number[] = [];
      for (let n = 0; n < 5; n++) codes.push((await ask('GET', '/api/promises')).status);
      expect(codes).to.deep.equal([401, 401, 401, 429, 429]);
      const refused = await ask('GET', '/api/promises', undefined, { authorization: 'Bearer open sesame' });
      expect(refused.status).to.equal(429);
      expect(Number(refused.headers.get('retry-after'))).to.be.within(1, 60);
      expect(refused.body.error).to.have.keys('code', 'message', 'hint');
      expect((await ask('GET', '/health')).status).to.equal(200);
    });
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
