import { expect } from 'chai';
import { configOf, loadWith, onlyProblem } from './loaded-config.ts';

describe('The variables of Telegram', () => {
  it('reads and checks the Telegram variables: the application needs both its id and hash', () => {
    const env = { TELEGRAM_API_ID: '1234567', TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2) };
    expect(configOf(loadWith(env)).telegram).to.deep.equal({ apiId: 1234567, apiHash: env.TELEGRAM_API_HASH });
    expect(configOf(loadWith({})).telegram).to.equal(undefined);
    expect(onlyProblem(loadWith({ TELEGRAM_API_ID: '1234567' }))).to.include({ place: 'TELEGRAM_API_HASH', severity: 'error' });
    expect(onlyProblem(loadWith({ TELEGRAM_API_ID: 'seven', TELEGRAM_API_HASH: env.TELEGRAM_API_HASH })).severity).to.equal('error');
    expect(onlyProblem(loadWith({ TELEGRAM_API_ID: '1234567', TELEGRAM_API_HASH: 'abcdef...' })).problem).to.include('placeholder');
    expect(configOf(loadWith({ ...env, TELEGRAM_DC_ADDRESS: '127.0.0.1:4430' })).telegram?.dc).to.deep.equal({ address: '127.0.0.1:4430' });
    for (const written of ['-1001500000008', 'telegram:-1001500000008'])
      expect(configOf(loadWith({ ...env, TELEGRAM_OPERATOR_CHAT: written })).telegram?.operatorChat).to.equal('telegram:-1001500000008');
    for (const wrong of ['0', '@operator', '1'.repeat(40), 'slack:C01', 'telegram:-1001:0'])
      expect(onlyProblem(loadWith({ ...env, TELEGRAM_OPERATOR_CHAT: wrong }))).to.include({
        place: 'TELEGRAM_OPERATOR_CHAT',
        severity: 'error',
      });
    expect(onlyProblem(loadWith({ ...env, TELEGRAM_DC_ADDRESS: 'somewhere' })).place).to.equal('TELEGRAM_DC_ADDRESS');
    const withKey = loadWith({ ...env, TELEGRAM_DC_ADDRESS: '127.0.0.1:4430', TELEGRAM_DC_PUBLIC_KEY: 'no-such-file.pem' });
    expect(onlyProblem(withKey).place).to.equal('TELEGRAM_DC_PUBLIC_KEY');
  });

  describe('The way to Telegram', () => {
    const env = { TELEGRAM_API_ID: '1234567', TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2) };
    const secret = '0123456789abcdef'.repeat(2);
    const proxyOf = (TELEGRAM_PROXY: string) => configOf(loadWith({ ...env, TELEGRAM_PROXY })).telegram?.proxy;

    for (const [written, proxy] of [
      ['socks5://127.0.0.1:1080', { kind: 'socks5', host: '127.0.0.1', port: 1080 }],
      [
        'socks5h://ann:her%20word@proxy.example:1080',
        { kind: 'socks5', host: 'proxy.example', port: 1080, username: 'ann', password: 'her word' },
      ],
      ['socks4://[::1]:1080', { kind: 'socks4', host: '::1', port: 1080 }],
      [`mtproxy://${secret}@proxy.example:443`, { kind: 'mtproxy', host: 'proxy.example', port: 443, secret }],
      [`mtproxy://dd${secret}@proxy.example:443`, { kind: 'mtproxy', host: 'proxy.example', port: 443, secret: `dd${secret}` }],
      [`tg://proxy?server=proxy.example&port=443&secret=${secret}`, { kind: 'mtproxy', host: 'proxy.example', port: 443, secret }],
      [`https://t.me/proxy?server=proxy.example&port=443&secret=${secret}`, { kind: 'mtproxy', host: 'proxy.example', port: 443, secret }],
      [
        'https://t.me/socks?server=proxy.example&port=1080&user=ann&pass=her-word',
        { kind: 'socks5', host: 'proxy.example', port: 1080, username: 'ann', password: 'her-word' },
      ],
    ] as const)
      it(`reads the proxy ${written}`, () => {
        expect(proxyOf(written)).to.deep.equal(proxy);
      });

    it('treats the password and the secret of a proxy as secrets', () => {
      for (const [written, hidden] of [
        ['socks5://ann:her%20word@proxy.example:1080', 'her word'],
        [`mtproxy://${secret}@proxy.example:443`, secret],
        ['tg://socks?server=h&port=1&user=ann&pass=her-word', 'her-word'],
      ] as const)
        expect(configOf(loadWith({ ...env, TELEGRAM_PROXY: written })).secrets).to.include(hidden);
    });

    for (const [wrong, words] of [
      ['http://proxy.example:3128', /proxy that Telegram can be reached through/],
      ['proxy.example:1080', /proxy that Telegram can be reached through/],
      ['socks5://proxy.example', /no host and port/],
      ['mtproxy://proxy.example:443', /no secret/],
      ['mtproxy://abcd@proxy.example:443', /no secret/],
      [`mtproxy://ee${secret}7777772e@proxy.example:443`, /fake TLS/],
      ['tg://proxy?server=h&port=0', /no host and port/],
      ['https://t.me/kept_bot', /proxy that Telegram can be reached through/],
    ] as const)
      it(`refuses ${wrong} as a proxy, without quoting it`, () => {
        const problem = onlyProblem(loadWith({ ...env, TELEGRAM_PROXY: wrong }));
        expect(problem).to.include({ place: 'TELEGRAM_PROXY', severity: 'error' });
        expect(problem.problem).to.match(words);
        expect(JSON.stringify(problem)).to.not.include(wrong);
      });

    it('reads the transport, and whether IPv6 is used', () => {
      const { telegram } = configOf(loadWith({ ...env, TELEGRAM_TRANSPORT: 'Obfuscated', TELEGRAM_IPV6: 'on' }));
      expect(telegram).to.deep.include({ transport: 'obfuscated', ipv6: true });
      expect(configOf(loadWith({ ...env, TELEGRAM_IPV6: '0' })).telegram?.ipv6).to.equal(false);
      expect(onlyProblem(loadWith({ ...env, TELEGRAM_IPV6: 'perhaps' })).place).to.equal('TELEGRAM_IPV6');
    });
  });
});
