import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT } from '../../../src/domain/index.ts';
import { closeAll, JSON_TYPE, makeOpen, rawRequest } from '../../support/http-client.ts';
import { asPage, signIn, statusOf, TOKEN } from '../../support/sign-in.ts';

describe('HTTP: sign-in and other sites', () => {
  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  const guarded = () => open({ apiToken: TOKEN, corsOrigins: ['https://kept.example'] });

  describe('a request', () => {
    const rows: readonly {
      readonly name: string;
      readonly method?: string;
      readonly status: number;
      readonly code?: string;
      /** What differs from the request of the page; undefined leaves a header out. */
      readonly headers: (url: string) => Readonly<Record<string, string | undefined>>;
    }[] = [
      { name: 'of the page itself', status: 202, headers: () => ({}) },
      { name: 'of an older browser, that does not say from where it comes', status: 202, headers: () => ({ 'sec-fetch-site': undefined }) },
      { name: 'without the second value', status: 403, code: 'http/no-proof', headers: () => ({ 'x-csrf-token': undefined }) },
      { name: 'with a wrong second value', status: 403, code: 'http/no-proof', headers: () => ({ 'x-csrf-token': 'x'.repeat(43) }) },
      { name: 'with an empty second value', status: 403, code: 'http/no-proof', headers: () => ({ 'x-csrf-token': '' }) },
      { name: 'without an origin', status: 403, code: 'http/forbidden-origin', headers: () => ({ origin: undefined }) },
      {
        name: 'of an origin that is null',
        status: 403,
        code: 'http/forbidden-origin',
        headers: () => ({ origin: 'null', 'sec-fetch-site': 'cross-site' }),
      },
      {
        name: 'of a form of another site',
        status: 403,
        code: 'http/forbidden-origin',
        headers: () => ({
          origin: 'https://evil.example',
          'sec-fetch-site': 'cross-site',
          'content-type': 'application/x-www-form-urlencoded',
          'x-csrf-token': undefined,
        }),
      },
      {
        name: 'of a subdomain, as to which the cookie is of the same site',
        status: 403,
        code: 'http/forbidden-origin',
        headers: (url) => ({ origin: url.replace('127.0.0.1', 'sub.127.0.0.1'), 'sec-fetch-site': 'same-site' }),
      },
      {
        name: 'of another port of this machine',
        status: 403,
        code: 'http/forbidden-origin',
        headers: () => ({ origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' }),
      },
      {
        name: 'that claims our origin from another site',
        status: 403,
        code: 'http/forbidden-origin',
        headers: () => ({ 'sec-fetch-site': 'cross-site' }),
      },
      {
        name: 'of an origin that CORS_ORIGINS names',
        status: 403,
        code: 'http/forbidden-origin',
        headers: () => ({ origin: 'https://kept.example', 'sec-fetch-site': 'cross-site' }),
      },
      {
        name: 'to read, of a page of the same site',
        method: 'GET',
        status: 403,
        code: 'http/forbidden-origin',
        headers: () => ({ origin: undefined, 'sec-fetch-site': 'same-site' }),
      },
      {
        name: 'to read, of the page itself',
        method: 'GET',
        status: 200,
        headers: () => ({ origin: undefined, 'x-csrf-token': undefined }),
      },
      {
        name: 'to read, from the address line',
        method: 'GET',
        status: 200,
        headers: () => ({ origin: undefined, 'sec-fetch-site': 'none' }),
      },
      {
        name: 'with the token, from any program, without a second value',
        status: 202,
        headers: () => ({ authorization: `Bearer ${TOKEN}`, origin: undefined, 'sec-fetch-site': undefined, 'x-csrf-token': undefined }),
      },
    ];
    for (const { name, method = 'POST', status, code, headers } of rows)
      it(`${name} ${status < 300 ? 'is answered' : 'changes nothing'}`, async () => {
        const { url, transcript } = await guarded();
        const { cookie, csrf } = await signIn(url);
        const all = { ...JSON_TYPE, ...asPage(url, { cookie, 'x-csrf-token': csrf }), ...headers(url) };
        const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<string, string>;
        const answer = await rawRequest(`${url}/api/v1/chat/messages`, { method, headers: sent }, method === 'POST' ? '{"text":"hi"}' : '');
        expect(answer.status, answer.body).to.equal(status);
        if (code) expect(JSON.parse(answer.body).error.code).to.equal(code);
        const [written] = await transcript.latest(DEFAULT_LOCAL_CHAT, 1);
        expect(written !== undefined).to.equal(status === 202);
      });

    it('with the second value of another sign-in changes nothing', async () => {
      const { url } = await guarded();
      const [one, two] = [await signIn(url), await signIn(url)];
      const headers = { ...JSON_TYPE, ...asPage(url, { cookie: one.cookie, 'x-csrf-token': two.csrf }) };
      expect(await statusOf(url, 'POST', '/api/v1/chat/messages', headers, '{"text":"hi"}')).to.equal(403);
    });
  });
});
