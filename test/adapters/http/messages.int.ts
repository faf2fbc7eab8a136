import { once } from 'node:events';
import { connect } from 'node:net';
import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT, localChatId, MAX_MESSAGE_LENGTH } from '../../../src/domain/index.ts';
import { localMessage } from '../../../src/testing/index.ts';
import { closeAll, JSON_TYPE, makeOpen, rawRequest } from '../../support/http-client.ts';

describe('HTTP: messages', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  it('accepts a message with 202, in the default chat or the named one, and lists it', async () => {
    const { ask, say } = await open();
    const posted = await ask('POST', '/api/chat/messages', { text: 'What is due?' });
    expect(posted).to.deep.include({ status: 202, body: { chatId: 'local:1', messageId: 'local:1' } });
    await say('The report.', { replyTo: localMessage(1), answers: [localMessage(1)] });
    const { body } = await ask('GET', '/api/chat/messages');
    expect(body.messages.map(({ at, ...rest }: { at: string }) => rest)).to.deep.equal([
      { messageId: 'local:1', sequence: 1, chatId: 'local:1', from: 'operator', text: 'What is due?' },
      {
        messageId: 'local:2',
        sequence: 2,
        chatId: 'local:1',
        from: 'agent',
        text: 'The report.',
        replyTo: 'local:1',
        answers: ['local:1'],
      },
    ]);
    expect(body.messages[0].at).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    for (const chatId of ['local:7', 7, '7', localChatId(7), ' local:7 '])
      expect((await ask('POST', '/api/chat/messages', { text: 'hi', chatId })).body.chatId).to.equal('local:7');
    for (const chatId of ['7', 'local:7'])
      expect((await ask('GET', `/api/chat/messages?chatId=${chatId}`)).body.messages).to.have.length(5);
  });

  it('finds the verdict of a message by id or number, and refuses a message of another gateway', async () => {
    const { ask, api } = await open();
    const asked: string[] = [];
    api.getVerdict = async (chatId, messageId) => {
      asked.push(`${chatId} ${messageId}`);
      return { kind: 'remembered' };
    };
    const verdict = (message: string) => ask('GET', `/api/chat/messages/${message}/verdict?chatId=7`);
    for (const message of ['local:3', '3', '%233'])
      expect((await verdict(message)).body, message).to.deep.equal({ chatId: 'local:7', messageId: 'local:3', verdict: 'remembered' });
    expect(asked).to.deep.equal(Array.from({ length: 3 }, () => 'local:7 local:3'));
    for (const message of ['telegram:3', '3:4']) expect((await verdict(message)).status, message).to.equal(400);
    expect(asked).to.have.length(3);
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

  it('lets a client that writes everything before it reads still read its 413', async () => {
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
    ['broken JSON', '{"text": ', 400, /^the body is not valid JSON$/],
    ['no body', '', 400, /JSON object/],
    ['a list', [], 400, /JSON object/],
    ['a missing text', {}, 400, /text: is missing/],
    ['a text that is a number', { text: 5 }, 400, /text: must be a string/],
    ['an empty text', { text: ' \n ' }, 400, /text: must not be empty/],
    ['a chat that is no number', { text: 'x', chatId: 'home' }, 400, /^chatId: "home" is not a local chat: a chat id must be local:<n>/],
    ['a chat of Telegram', { text: 'x', chatId: -100123 }, 400, /is not a local chat/],
    ['a chat of Telegram, by its name', { text: 'x', chatId: 'telegram:7' }, 400, /is not a local chat/],
    ['the chat of the self-ping', { text: 'x', chatId: 2_001_000_000_000 }, 400, /is not a local chat/],
    ['a misspelt field', { text: 'x', chatid: 2 }, 400, /chatid/],
    ['a poisoned prototype', '{"text":"x","__proto__":{"chatId":3}}', 400, /^the body has a key that is not allowed, such as "__proto__"$/],
  ] as const)
    it(`refuses ${name} with ${status} and says why`, async () => {
      const { ask, transcript } = await open();
      const refused = await ask('POST', '/api/chat/messages', body);
      expect(refused.status).to.equal(status);
      expect(refused.body.error.message).to.match(words);
      expect(await transcript.unreceived(1)).to.deep.equal([]);
    });

  for (const [name, body, words] of [
    ['lists within lists', '['.repeat(1_900_000), /^the body nests lists or objects more than 20 deep$/],
    ['closed lists within lists', `${'['.repeat(900_000)}${']'.repeat(900_000)}`, /^the body nests/],
    ['objects within objects', '{"a":'.repeat(300_000), /^the body nests/],
    ['deep fields', `{"text":"x","a":${'['.repeat(21)}${']'.repeat(21)}}`, /^the body nests/],
    [
      'unknown fields',
      `{"text":"x",${Array.from({ length: 120_000 }, (_, i) => `"a${i}":0`).join()}}`,
      /^the body has more than 1000 values$/,
    ],
    ['values in a list', `[0${',0'.repeat(900_000)}]`, /^the body has more than 1000 values$/],
    [
      'unknown fields, a few hundred',
      `{"text":"x",${Array.from({ length: 300 }, (_, i) => `"a${i}":0`).join()}}`,
      /^unknown fields: "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9" and 290 more$/,
    ],
    ['one unknown field with a long name', `{"text":"x","${'a'.repeat(1_000_000)}":0}`, /^unknown field: "a{50}"$/],
    ['a long chat', `{"text":"x","chatId":"${'a'.repeat(1_000_000)}"}`, /^chatId: .{1,1000}$/],
    ['a string without an end', `{"text":"${'\\'.repeat(1_000_000)}`, /^the body is not valid JSON$/],
    ['a poisoned prototype in a list', '[{"constructor":{"prototype":{}}}]', /is not allowed/],
  ] as const)
    it(`refuses a body of ${name} in few words, and without a long look at it`, async () => {
      const { ask } = await open({ maxRequestBytes: 10 * 1024 ** 2 });
      // A body of as many bytes that is read to its end, and refused for its length.
      const plain = JSON.stringify({ text: 'x'.repeat(body.length) });
      const timeOf = async (sent: string): Promise<number> => {
        const from = performance.now();
        await ask('POST', '/api/chat/messages', sent);
        return performance.now() - from;
      };
      const refused = await ask('POST', '/api/chat/messages', body);
      expect(refused.status).to.equal(400);
      expect(refused.body.error.message).to.match(words);
      const ratios: number[] = [];
      while (ratios.length < 5 && !ratios.some((ratio) => ratio < 8)) ratios.push((await timeOf(body)) / (5 + (await timeOf(plain))));
      expect(Math.min(...ratios)).to.be.below(8);
    });

  it('reads no more than two megabytes of a body, whatever the setting allows', async () => {
    const { ask } = await open({ maxRequestBytes: 10 * 1024 ** 2 });
    const refused = await ask('POST', '/api/chat/messages', '['.repeat(9_000_000));
    expect(refused.status).to.equal(413);
    expect(refused.body.error.message).to.match(/^a request may have 2097152 bytes/);
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
    it(`refuses a body of type ${type} with 415`, async () => {
      const { ask } = await open();
      const refused = await ask('POST', '/api/chat/messages', '{"text":"hi"}', { 'content-type': type });
      expect(refused).to.deep.include({ status: 415 });
      expect(refused.body.error).to.have.keys('code', 'message', 'hint');
    });

  const limits = 'limit: must be a whole number from 1 to 1000';
  const places = 'after: must be a whole number from 0 to 9007199254740991';
  for (const [query, words] of [
    ['limit=0', limits],
    ['limit=1001', limits],
    ['limit=x', limits],
    ['limit=', limits],
    ['limit=1.5', limits],
    ['limit=0x10', limits],
    ['limit=5&limit=6', 'limit: is given more than once'],
    ['after=-1', places],
    ['after=x', places],
    ['after=9007199254740992', places],
    ['after=1&after=2', 'after: is given more than once'],
    ['after=x&limit=0', `${places}; ${limits}`],
    ['chatId=1&chatId=2', 'chatId: is given more than once'],
    ...['x', '', '0', '-3', '1.5', '1000000000', 'local:0', 'telegram:7'].map((raw) => [
      `chatId=${raw}`,
      `chatId: "${raw}" is not a local chat`,
    ]),
  ] as const)
    it(`refuses to list with ${query}, and says what it takes`, async () => {
      const { ask } = await open();
      const { status, body } = await ask('GET', `/api/chat/messages?${query}`);
      expect(status).to.equal(400);
      expect(words.endsWith('is not a local chat') ? body.error.message.slice(0, words.length) : body.error.message).to.equal(words);
    });
});
