import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { asPortError } from '../../../src/adapters/terminal/http-request.ts';
import { type ClientEvent, makeHttpChatClient, runTerminalChat } from '../../../src/adapters/terminal/index.ts';
import { DEFAULT_LOCAL_CHAT, promiseId } from '../../../src/domain/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { makeScriptedApi, type ScriptedApi, serve } from '../../support/http-api.ts';

const FAST = { firstMs: 5, mostMs: 20, silenceMs: 10_000 };

describe('The terminal’s chat client over HTTP', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const running = async (api: ScriptedApi = makeScriptedApi(), options: Parameters<typeof serve>[1] = {}) => {
    const server = await serve(api, options);
    closing.push(server.close);
    return { api, ...server, client: makeHttpChatClient({ baseUrl: server.url, reconnect: FAST }) };
  };
  const watch = (client: ReturnType<typeof makeHttpChatClient>, after?: number) => {
    const events: ClientEvent[] = [];
    let wake = (): void => undefined;
    closing.push(
      client.subscribe((event) => {
        events.push(event);
        wake();
      }, after),
    );
    const until = async (isThere: () => boolean): Promise<void> => {
      while (!isThere())
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    };
    const texts = (): string[] => events.flatMap((event) => (event.type === 'message' ? [event.message.text] : []));
    const isUp = (): boolean => events.findLast((event) => event.type === 'connection')?.up === true;
    return { events, until, texts, isUp };
  };
  const failureOf = async (action: Promise<unknown>): Promise<{ code: string; message: string; retryable: boolean }> => {
    const error = await action.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!isPortError(error)) throw new Error(`expected a PortError, not ${error}`);
    return error;
  };

  it('posts, and reads back what is there', async () => {
    const { api, client } = await running();
    const posted = await client.post('hello');
    if (!posted.ok) throw new Error(posted.error.message);
    const answer = await api.say('hi', { replyTo: posted.value.messageId, answers: [posted.value.messageId] });
    const all = await client.list(0);
    expect(all.map(({ from, text, replyTo, answers }) => ({ from, text, replyTo, answers }))).to.deep.equal([
      { from: 'operator', text: 'hello', replyTo: undefined, answers: [] },
      { from: 'agent', text: 'hi', replyTo: posted.value.messageId, answers: [posted.value.messageId] },
    ]);
    expect(all[0]?.chatId).to.equal(DEFAULT_LOCAL_CHAT);
    expect(all[0]?.at).to.be.closeTo(Date.now(), 60_000);
    expect((await client.latest(1)).map(({ messageId }) => messageId)).to.deep.equal([answer]);
    expect(await client.list(all.at(-1)?.sequence ?? 0)).to.deep.equal([]);
  });

  it('reads a transcript that is longer than a page, whole and in order', async () => {
    const { api, client } = await running();
    for (let n = 1; n <= 1_001; n++) await api.say(`message ${n}`);
    const all = await client.list(0);
    expect(all.map(({ sequence }) => sequence)).to.deep.equal(Array.from({ length: 1_001 }, (_, n) => n + 1));
    expect(all.map(({ messageId }) => messageId)).to.deep.equal(Array.from({ length: 1_001 }, (_, n) => `local:${n + 1}`));
  });

  it('keeps to its own chat', async () => {
    const { api, url, client } = await running();
    const other = makeHttpChatClient({ baseUrl: `${url}/`, chatId: 7 });
    await other.post('over there');
    await client.post('over here');
    expect((await other.list(0)).map(({ text }) => text)).to.deep.equal(['over there']);
    expect((await api.transcript.latest(DEFAULT_LOCAL_CHAT, 9)).map(({ text }) => text)).to.deep.equal(['over here']);
  });

  it('tells a refusal from a failure', async () => {
    const { client, url, close } = await running();
    const tooLong = await client.post('x'.repeat(100_001));
    expect(tooLong).to.deep.include({ ok: false });
    expect(tooLong.ok === false && tooLong.error.code).to.equal('message/too-long');
    expect(await client.cancel(promiseId(9))).to.deep.equal({
      ok: false,
      error: { code: 'promise/not-found', message: 'there is no promise #9' },
    });
    await close();
    // This one may still meet the connection as it is closed.
    await failureOf(client.latest(1));
    const gone = await failureOf(client.post('hello'));
    expect(gone).to.include({ code: 'unavailable', retryable: true });
    expect(gone.message).to.include(`nothing answers at ${url}`);
  });

  it('brings its token, and says so when it is the wrong one', async () => {
    const { url } = await running(makeScriptedApi(), { apiToken: 'correct' });
    expect((await makeHttpChatClient({ baseUrl: url, token: 'correct' }).post('hello')).ok).to.equal(true);
    const refused = await failureOf(makeHttpChatClient({ baseUrl: url, token: 'wrong' }).post('hello'));
    expect(refused).to.include({ code: 'unauthorised', retryable: false });
    expect(refused.message).to.include('token').and.not.include('wrong');
    const watched = watch(makeHttpChatClient({ baseUrl: url, token: 'wrong', reconnect: FAST }), 0);
    await watched.until(() => watched.events.length > 0);
    expect(watched.events[0]).to.deep.include({ type: 'connection', up: false });
  });

  it('shows messages, drafts and promises as they come', async () => {
    const { api, client } = await running();
    await api.say('before');
    const watched = watch(client, 0);
    await watched.until(() => watched.texts().length === 1);
    void api.chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: 'grow', deliveryKey: '1' });
    await watched.until(() => watched.events.at(-1)?.type === 'draft');
    const { id } = api.promise('Compare the timetables');
    api.run(id);
    api.complete(id, 'The night train.');
    api.deliver(id);
    await watched.until(() => watched.events.some((event) => event.type === 'promise' && event.promise.deliveredAt !== undefined));
    const last = watched.events.findLast((event) => event.type === 'promise');
    expect(last?.promise).to.include({ id, status: 'completed', description: 'Compare the timetables', result: 'The night train.' });
    expect((await client.promises()).map(({ status }) => status)).to.deep.equal(['completed']);
  });

  it('cancels promises and tries them again', async () => {
    const { api, client } = await running();
    const { id } = api.promise('Compare the timetables');
    const cancelled = await client.cancel(id);
    expect(cancelled.ok && cancelled.value.status).to.equal('cancelled');
    expect(await client.cancel(id)).to.have.nested.property('error.code', 'promise/already-settled');
    const retried = await client.retry(id);
    expect(retried.ok && retried.value.status).to.equal('pending');
  });

  it('begins with new messages if no place is given', async () => {
    const { api, client } = await running();
    await api.say('before');
    const watched = watch(client);
    await watched.until(watched.isUp);
    await api.say('after');
    await watched.until(() => watched.texts().length > 0);
    expect(watched.texts()).to.deep.equal(['after']);
  });

  it('calls a body whose end never came a broken connection, whatever stands behind it', () => {
    const socket = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
    for (const error of [new TypeError('terminated'), new TypeError('terminated', { cause: socket })])
      expect(asPortError(error, 'the chat').message).to.equal('the connection to the chat broke');
  });

  it('loses and doubles nothing when the server goes away and comes back', async () => {
    const { api, client, url, close } = await running();
    const watched = watch(client, 0);
    await api.say('one');
    await watched.until(() => watched.texts().length === 1);
    await close();
    await watched.until(() => !watched.isUp());
    await api.say('two, said while nobody could hear it');
    await running(api, { port: Number(new URL(url).port) });
    await watched.until(watched.isUp);
    await api.say('three');
    await watched.until(() => watched.texts().length >= 3);
    expect(watched.texts()).to.deep.equal(['one', 'two, said while nobody could hear it', 'three']);
  });

  describe('with a server that misbehaves', () => {
    const frame = (id: number, text = `message ${id}`): string =>
      `event: message\nid: ${id}\ndata: ${JSON.stringify({ messageId: `local:${id}`, sequence: id, chatId: 'local:1', from: 'agent', text, at: new Date().toISOString() })}\n\n`;

    const misbehaving = async (connections: ((response: ServerResponse) => void)[], statuses: readonly number[] = []) => {
      const seen: (string | undefined)[] = [];
      const server = createServer((request, response) => {
        seen.push(request.headers['last-event-id'] as string | undefined);
        const status = statuses[seen.length - 1] ?? 200;
        response.writeHead(status, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        if (status !== 200) response.end();
        else connections[seen.length - 1]?.(response);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      closing.push(() => {
        server.closeAllConnections();
        server.close();
      });
      return { seen, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    };

    it('drops what was shown before, and an event that was cut is shown whole the next time', async () => {
      const { seen, baseUrl } = await misbehaving([
        (response) => {
          response.write(frame(1) + frame(2).slice(0, -1));
          response.end();
        },
        (response) => response.write(frame(1) + frame(2) + frame(2) + frame(3)),
      ]);
      const watched = watch(makeHttpChatClient({ baseUrl, reconnect: FAST }), 0);
      await watched.until(() => watched.texts().length >= 3);
      expect(watched.texts()).to.deep.equal(['message 1', 'message 2', 'message 3']);
      expect(seen).to.deep.equal(['0', '1']);
    });

    it('leaves a connection that has gone silent; comments keep one alive', async () => {
      let comments = 0;
      const { seen, baseUrl } = await misbehaving([
        () => undefined,
        (response) => {
          const beat = setInterval(() => response.write(++comments < 20 ? ': still here\n\n' : frame(1)), 20);
          response.once('close', () => clearInterval(beat));
        },
      ]);
      const watched = watch(makeHttpChatClient({ baseUrl, reconnect: { ...FAST, silenceMs: 300 } }), 0);
      await watched.until(() => watched.texts().length === 1);
      expect(watched.events[1]).to.deep.include({ type: 'connection', up: false, reason: 'the server has gone silent' });
      expect(seen).to.have.length(2);
    });

    it('refuses a malformed message, and resumes after the last good one', async () => {
      const { seen, baseUrl } = await misbehaving([
        (response) => response.write(`${frame(1)}event: message\ndata: {"text":"no id"}\n\n`),
        (response) => response.write(`event: from-the-future\ndata: nothing known\n\n${frame(2)}`),
      ]);
      const watched = watch(makeHttpChatClient({ baseUrl, reconnect: FAST }), 0);
      await watched.until(() => watched.texts().length === 2);
      expect(seen).to.deep.equal(['0', '1']);
      expect(watched.events.find((event) => event.type === 'connection' && !event.up))
        .to.have.property('reason')
        .that.includes('does not understand');
    });

    it('tells once why it can’t connect, and tries on', async () => {
      const { seen, baseUrl } = await misbehaving([], [503, 503, 503, 503]);
      const watched = watch(makeHttpChatClient({ baseUrl, reconnect: FAST }), 0);
      await watched.until(watched.isUp);
      expect(seen).to.have.length(5);
      expect(watched.events.map((event) => event.type === 'connection' && event.up)).to.deep.equal([false, true]);
    });

    it('says that it is no Kept server', async () => {
      const { baseUrl } = await misbehaving([(response) => response.end('<html>')]);
      expect(await failureOf(makeHttpChatClient({ baseUrl }).post('hello'))).to.include({ code: 'malformed-reply', retryable: false });
    });

    it('waits for an answer no longer than the time limit', async () => {
      const { baseUrl } = await misbehaving([]);
      expect(await failureOf(makeHttpChatClient({ baseUrl, timeoutMs: 30 }).post('hello'))).to.include({
        code: 'timeout',
        retryable: false,
      });
    });
  });

  it('carries a whole conversation through pipes', async () => {
    const api: ScriptedApi = makeScriptedApi(({ messageId, text }) => {
      void api.say(`You said ${text}.`, { answers: [messageId], replyTo: messageId });
      if (!text.includes('promise')) return;
      const { id } = api.promise('Compare the timetables', { messageId });
      api.run(id);
      api.complete(id, 'The night train.');
      void api.say(`Promise #${id} is kept.`, { replyTo: messageId }).then(() => api.deliver(id));
    });
    const { client } = await running(api);
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
    input.end('hello\na promise, please\n');
    const outcome = await runTerminalChat({ client, input, output, errors, color: false, signal: new AbortController().signal });
    output.end();
    expect(await text(output)).to.equal('You said hello.\nYou said a promise, please.\nPromise #1 is kept.\n');
    expect(outcome).to.deep.equal({ complete: true });
  });
});
