import { expect } from 'chai';
import { configOf, loadWith, onlyProblem } from './loaded-config.ts';

describe('The address of the database', () => {
  it('takes the address of a PostgreSQL database, and treats its password as a secret in both spellings', () => {
    expect(configOf(loadWith({}))).not.to.have.property('database');
    const url = 'postgres://user:open%20sesame@db.example.org/kept';
    const config = configOf(loadWith({ DATABASE_URL: url }));
    expect(config.database).to.deep.equal({ url });
    expect(config.secrets).to.deep.equal([url, 'open%20sesame', 'open sesame']);
    for (const local of ['postgresql://localhost:5433/kept', 'postgres:///kept?host=/var/run/postgresql'])
      expect(configOf(loadWith({ DATABASE_URL: local })).database?.url).to.equal(local);
  });

  it('refuses any other DATABASE_URL without repeating it', () => {
    for (const [url, problem] of [
      ['sqlite:///hunter2hunter2/system.db', /not the address of a PostgreSQL database/],
      ['mysql://user:hunter2hunter2@localhost/db', /not the address of a PostgreSQL database/],
      ['hunter2hunter2', /not the address of a PostgreSQL database/],
      ['postgres://user:hunter2hunter2@localhost', /names no database/],
      ['postgres://user:hunter2hunter2%@localhost/kept', /%25/],
    ] as const) {
      const refused = onlyProblem(loadWith({ DATABASE_URL: url }));
      expect(refused).to.include({ place: 'DATABASE_URL', severity: 'error' });
      expect(refused.problem).to.match(problem);
      expect(JSON.stringify(refused)).not.to.include('hunter2');
    }
  });

  it('refuses a parameter of DATABASE_URL that has no effect here, and says which may stand there', () => {
    const address = 'postgres://user:hunter2hunter2@localhost/kept';
    for (const [parameters, problem, hint] of [
      [
        'sslmode=verify_full',
        /sslmode a value that is not known here: "verify_full"/,
        /disable, no-verify, require, verify-ca, verify-full/,
      ],
      ['sslmode=prefer', /"prefer"/, /use one of/],
      ['sslmode=', /sslmode a value that is not known/, /use one of/],
      ['sslmode=disable&sslmode=require', /gives sslmode twice/, /give it once/],
      ['ssl=true&pgbouncer=true&sslmode=require', /parameters "ssl", "pgbouncer" that/, /leave them out/],
      ['sslmode=require&target_session_attrs=any', /parameter "target_session_attrs"/, /sslmode, .*sslkey, host, .*channel_binding/],
      ['channel_binding=always', /channel_binding a value that is not known here: "always"/, /disable, prefer, require/],
      ...['0', '61', '1.5', '-1', '', 'hunter2hunter2'].map(
        (seconds) => [`connect_timeout=${seconds}`, /gives connect_timeout a time/, /whole seconds, from 1 to 60/] as const,
      ),
      ['password=hunter2hunter2', /"password"/, /leave it out/],
      ['a%20b=1', /^has a parameter that/, /leave it out/],
    ] as const) {
      const refused = onlyProblem(loadWith({ DATABASE_URL: `${address}?${parameters}` }));
      expect(refused).to.include({ place: 'DATABASE_URL', severity: 'error' });
      expect(refused.problem).to.match(problem);
      expect(refused.hint).to.match(hint);
      expect(JSON.stringify(refused)).not.to.include('hunter2');
    }
    for (const [given, used] of [
      ['sslmode=require', 'sslmode=verify-full'],
      ['application_name=kept&sslmode=verify-ca&sslrootcert=%2Fca.pem', 'application_name=kept&sslmode=verify-full&sslrootcert=%2Fca.pem'],
      ['sslmode=no-verify', 'sslmode=no-verify'],
      ['sslmode=disable', 'sslmode=disable'],
    ])
      expect(configOf(loadWith({ DATABASE_URL: `${address}?${given}` })).database?.url).to.equal(`${address}?${used}`);
  });

  it('takes the addresses of hosted databases as their providers give them', () => {
    const at = (parameters: string) =>
      configOf(loadWith({ DATABASE_URL: `postgres://user:hunter2hunter2@db.example.org/kept?${parameters}` })).database;
    expect(at('sslmode=require&channel_binding=require&connect_timeout=10')).to.include({ connectTimeoutMs: 10_000, bindsChannel: true });
    expect(at('channel_binding=prefer')).to.include({ bindsChannel: true }).and.not.have.property('connectTimeoutMs');
    expect(at('channel_binding=disable')).to.include({ bindsChannel: false });
    expect(at('sslmode=require')).to.have.all.keys('url');
  });
});
