import { expect } from 'chai';
import { CWD, configOf, loadWith, onlyProblem, pemFiles, problemsOf } from './loaded-config.ts';

describe('The variables of the HTTP server', () => {
  it('requires a token, and limits the rate, if other machines can reach the server', () => {
    expect(onlyProblem(loadWith({ HOST: '0.0.0.0' }))).to.include({ place: 'KEPT_API_TOKEN', severity: 'error' });
    expect(onlyProblem(loadWith({ HOST: '0.0.0.0', KEPT_API_TOKEN: 'too-short' })).hint).to.include('16 characters');
    expect(configOf(loadWith({ HOST: '0.0.0.0', KEPT_API_TOKEN: 'long-enough-for-this' })).http.rateLimitPerMinute).to.equal(100);
    for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '::1']) expect(loadWith({ HOST: host }).ok, host).to.equal(true);
    for (const host of ['127.0.0.1.example.org', 'localhost.example.org', '::', '10.0.0.1', 'a b'])
      expect(loadWith({ HOST: host }).ok, host).to.equal(false);
  });

  it('refuses the web origin * without a token', () => {
    expect(onlyProblem(loadWith({ CORS_ORIGINS: '*' })).place).to.equal('CORS_ORIGINS');
    expect(loadWith({ CORS_ORIGINS: '*', KEPT_API_TOKEN: 'long-enough-for-this' }).ok).to.equal(true);
  });

  it('requires both files of TLS, and that both exist', () => {
    expect(onlyProblem(loadWith({ SSL_CERTFILE: 'cert.pem' }, undefined, { kindOf: pemFiles })).place).to.equal('SSL_KEYFILE');
    expect(
      problemsOf(loadWith({ SSL_CERTFILE: 'cert.pem', SSL_KEYFILE: 'key.pem' }, undefined, { kindOf: () => 'missing' })),
    ).to.have.length(2);
    expect(
      configOf(loadWith({ SSL_CERTFILE: 'cert.pem', SSL_KEYFILE: '/k/key.pem' }, undefined, { kindOf: pemFiles })).http.tls,
    ).to.deep.equal({
      certFile: `${CWD}/cert.pem`,
      keyFile: '/k/key.pem',
    });
  });
});
