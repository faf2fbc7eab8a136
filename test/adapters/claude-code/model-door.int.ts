import { createServer, request as requestHttp } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { openModelDoor } from '../../../src/adapters/claude-code/model-door.ts';
import { type Handler, listenHttp } from '../../support/loopback.ts';
import { refusal, SERVICE_FAULTS } from '../../support/service-faults.ts';

const KEY = 'sk-ant-the-key-of-the-product';

/** As another program on this machine would ask. Rejects where the answer breaks off. */
const ask = async (
  url: string,
  headers: Readonly<Record<string, string>>,
  { method = 'POST', body = '{}', path }: { readonly method?: string; readonly body?: string; readonly path?: string } = {},
): Promise<readonly [status: number | undefined, body: string]> => {
  const { promise, resolve, reject } = Promise.withResolvers<readonly [number | undefined, string]>();
  requestHttp(url, { method, headers, ...(path === undefined ? {} : { path }) }, (response) => {
    text(response).then((all) => resolve([response.statusCode, all]), reject);
  })
    .on('error', reject)
    .end(method === 'GET' ? undefined : body);
  return promise;
};

describe('The door to the model', () => {
  const stage = async () => {
    const seen: { readonly url: string; readonly key: string; readonly body: string }[] = [];
    const api = await listenHttp(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      seen.push({ url: request.url ?? '', key: String(request.headers['x-api-key'] ?? request.headers.authorization), body });
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n');
      response.end('data: 2\n\n');
    });
    const door = await openModelDoor({ apiKey: KEY, baseUrl: `${api.url}/base/` });
    return {
      seen,
      door,
      close: () => {
        door.close();
        return api.close();
      },
    };
  };

  it('passes on calls of the Messages API, adds the key, and brings back the stream', async () => {
    const { seen, door, close } = await stage();
    const url = `${door.url}/v1/messages?beta=true`;
    expect(await ask(url, { 'x-api-key': door.token }, { body: '{"a":1}' })).to.deep.equal([200, 'data: 1\n\ndata: 2\n\n']);
    await ask(url, { authorization: `Bearer ${door.token}` }, { body: '{"a":1}' });
    expect(seen).to.deep.equal([
      { url: '/base/v1/messages?beta=true', key: KEY, body: '{"a":1}' },
      { url: '/base/v1/messages?beta=true', key: `Bearer ${KEY}`, body: '{"a":1}' },
    ]);
    await close();
  });

  it('is shut for another token, another path, and after it is closed', async () => {
    const { seen, door, close } = await stage();
    const statusOf = async (path: string, token: string, method = 'POST') =>
      (await ask(door.url, { 'x-api-key': token }, { path, method }))[0];
    expect(await statusOf('/v1/messages', 'another')).to.equal(401);
    expect(await statusOf('/v1/messages', KEY), 'the key itself opens nothing').to.equal(401);
    for (const path of ['/v1/files', '/v1/messages/batches', '/v1/messages/../files', '/', '//evil.example/v1/messages'])
      expect(await statusOf(path, door.token), path).to.equal(404);
    expect(await statusOf('/v1/messages', door.token, 'GET')).to.equal(404);
    await close();
    expect(await statusOf('/v1/messages', door.token).catch(() => 'closed')).to.equal('closed');
    expect(seen).to.deep.equal([]);
  });

  it('says that the API is not there, and breaks off where the API does', async () => {
    const nobody = await openModelDoor({ apiKey: KEY, baseUrl: 'http://127.0.0.1:9' });
    const call = ({ url, token }: { readonly url: string; readonly token: string }) => ask(`${url}/v1/messages`, { 'x-api-key': token });
    const [status, body] = await call(nobody);
    expect(status).to.equal(502);
    expect(body).to.include("can't be reached").and.not.include(KEY);
    nobody.close();

    const cutting = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: 1\n\n', () => response.destroy());
    });
    await new Promise<void>((listening) => void cutting.listen(0, '127.0.0.1', listening));
    const door = await openModelDoor({ apiKey: KEY, baseUrl: `http://127.0.0.1:${(cutting.address() as { port: number }).port}` });
    expect(await call(door).catch(() => 'broken')).to.equal('broken');
    door.close();
    cutting.close();
  });

  /** What comes through the door of this answer of the API, and how often that was asked. */
  const through = async (fault: Handler): Promise<readonly [status: number | undefined, body: string, asked: number]> => {
    let asked = 0;
    await using api = await listenHttp((request, response) => {
      asked++;
      return fault(request, response);
    });
    const bounds = { silenceMs: 300, streamSilenceMs: 300, maxAnswerBytes: 1024 ** 2 };
    const door = await openModelDoor({ apiKey: KEY, baseUrl: api.url, bounds });
    try {
      const [status, body] = await ask(`${door.url}/v1/messages`, { 'x-api-key': door.token }).catch(() => [undefined, 'broken'] as const);
      return [status, body, asked];
    } finally {
      door.close();
    }
  };
  const BROKEN = /a stall|a cut|without an end/;

  for (const [what, fault] of SERVICE_FAULTS)
    it(`${BROKEN.test(what) ? 'breaks off at' : 'passes on'} ${what}, asks once, and adds no key`, async () => {
      const [status, body, asked] = await through(fault);
      expect(asked).to.equal(1);
      expect(body).not.to.include(KEY);
      if (BROKEN.test(what)) expect([status, body]).to.deep.equal([undefined, 'broken']);
      else expect(status).to.be.oneOf([200, 401, 429, 529]);
    });

  it('ends what is silent from the start, and in the middle of a stream', async () => {
    const silent = await through(() => undefined);
    expect(silent[0]).to.equal(502);
    expect(silent[1]).to.include('the API was silent for too long');
    const [, body] = await through((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': ping\n\n');
    });
    expect(body).to.equal('broken');
    expect((await through(refusal(429, { 'retry-after': '3600' })))[0]).to.equal(429);
  });
});
