import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { generateCACertificate } from 'mockttp';
import { type ClientEvent, makeHttpChatClient, requestHealth } from '../../../src/adapters/terminal/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { makeScriptedApi } from '../../support/http-api.ts';
import { closeAll, makeOpen } from '../../support/http-client.ts';

const TOKEN = 'open sesame, it is me';

describe('A client that knows the certificate of its server', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));
  let [own, other]: { readonly key: string; readonly cert: string }[] = [];
  before(async () => {
    // They name no host, and nobody whom Node trusts has signed them.
    [own, other] = await Promise.all([generateCACertificate(), generateCACertificate()]);
  });

  const codeOf = async (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => 'none',
      (error: unknown) => (isPortError(error) ? `${error.code}: ${error.message}` : String(error)),
    );

  it('writes, reads and follows, whatever names stand in it; without it, the server is not trusted', async () => {
    const scripted = makeScriptedApi();
    const { url, say } = await open({ apiToken: TOKEN, ...(own && { tls: own }) }, scripted);
    const server = { baseUrl: url, token: TOKEN, ...(own && { certificate: own.cert }) };
    expect((await requestHealth({ ...server, depth: 'local' })).checks).to.have.length(1);
    const client = makeHttpChatClient(server);
    const posted = await client.post('hello');
    expect(posted.ok).to.equal(true);
    const heard = Promise.withResolvers<ClientEvent>();
    const leave = client.subscribe((event) => {
      if (event.type === 'connection' && event.up) void say('by the stream');
      if (event.type === 'message' && event.message.text === 'by the stream') heard.resolve(event);
    });
    await heard.promise;
    leave();
    expect((await client.list(0)).map(({ text }) => text)).to.deep.equal(['hello', 'by the stream']);
    expect(await codeOf(requestHealth({ baseUrl: url, token: TOKEN, depth: 'local' }))).to.match(/^(unknown|unavailable)/);
  });

  it('sends nothing, no token above all, to a server with another certificate', async () => {
    let asked = 0;
    const stranger = createServer({ key: other?.key, cert: other?.cert }, (_, answer) => {
      asked++;
      answer.end('{}');
    }).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    closers.push(async () => stranger.close());
    const { port } = stranger.address() as AddressInfo;
    const server = { baseUrl: `https://127.0.0.1:${port}`, token: TOKEN, ...(own && { certificate: own.cert }) };
    expect(await codeOf(requestHealth({ ...server, depth: 'local' }))).to.match(
      /^unavailable: .*another certificate than that of SSL_CERTFILE/,
    );
    expect(asked).to.equal(0);
  });

  it('says that nothing answers, that it was not answered in time, and that it was aborted', async () => {
    const gone = await open(own && { tls: own });
    await gone.close();
    closers.length = 0;
    const certificate = own?.cert ?? '';
    expect(await codeOf(requestHealth({ baseUrl: gone.url, certificate, depth: 'local' }))).to.match(/^unavailable: nothing answers at/);
    const silent = createServer({ key: own?.key, cert: own?.cert }, () => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    closers.push(async () => {
      silent.closeAllConnections();
      silent.close();
    });
    const baseUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const client = makeHttpChatClient({ baseUrl, certificate, timeoutMs: 200 });
    expect(await codeOf(client.post('hello'))).to.match(/^timeout: .*did not answer in time/);
  });
});
