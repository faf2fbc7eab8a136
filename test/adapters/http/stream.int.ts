import { connect } from 'node:net';
import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT, localChatId } from '../../../src/domain/index.ts';
import { localMessage } from '../../../src/testing/index.ts';
import { makeScriptedApi, type ScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

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

describe('HTTP: the event stream', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('shows messages, growing drafts and promises of its chat as they come', async () => {
    const { stream, chat, say, promise, run, complete, ask } = await open();
    const { next, events, response } = await stream();
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    await ask('POST', '/api/chat/messages', { text: 'go' });
    await next(({ event, data }) => event === 'message' && data.text === 'go');
    void chat.showDraft({ chatId: DEFAULT_LOCAL_CHAT, text: 'On it', deliveryKey: '1' });
    await next(({ event, data }) => event === 'draft' && data.text === 'On it');
    const { id } = promise('work');
    promise('work elsewhere', { chatId: localChatId(2) });
    run(id);
    complete(id, 'done');
    await next(({ event, data }) => event === 'promise' && data.status === 'completed');
    await say('On it, promise #1.', { answers: [localMessage(1)], deliveryKey: '1' });
    await next(({ event, data }) => event === 'draft' && data.text === '');
    const answer = await next(({ event, data }) => event === 'message' && data.from === 'agent');
    expect(answer).to.deep.include({ id: '2' });
    expect(answer.data).to.deep.include({ text: 'On it, promise #1.', answers: ['local:1'] });
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

  it('replays a long chat completely, and ends the subscription when the client leaves', async () => {
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

  it('stops reading while a client reads nothing, and closes its connection in the end', async () => {
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
      const { status, body } = await ask('GET', `/api/chat/stream${query}`, undefined, headers);
      expect(status).to.equal(400);
      expect(body.error.message).to.match(query ? /^(chatId|after): / : /^Last-Event-ID: must be a whole number from 0 to/);
    });
});
