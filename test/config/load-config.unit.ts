import { expect } from 'chai';
import fc from 'fast-check';
import { SECRET_VARIABLES, VARIABLE_NAMES } from '../../src/config/environment.ts';
import { type Config, type ConfigProblem, type ConfigSources, loadConfig, type PathKind } from '../../src/config/index.ts';
import type { Result } from '../../src/domain/shared/result.ts';
import { isTimeZone } from '../../src/domain/shared/time.ts';

const CWD = '/home/ann/kept';
const load = (
  env: Record<string, string | undefined>,
  file?: unknown,
  more: Partial<ConfigSources> = {},
): Result<Config, ConfigProblem[]> =>
  loadConfig({
    env,
    cwd: CWD,
    readFile: () => (file === undefined ? undefined : typeof file === 'string' ? file : JSON.stringify(file)),
    kindOf: () => 'directory',
    ...more,
  });
const configOf = (result: Result<Config, ConfigProblem[]>): Config => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const problemsOf = (result: Result<Config, ConfigProblem[]>): readonly ConfigProblem[] =>
  result.ok ? result.value.warnings : result.error;
const one = (result: Result<Config, ConfigProblem[]>): ConfigProblem => {
  const problems = problemsOf(result);
  expect(problems, JSON.stringify(problems)).to.have.length(1);
  return problems[0] as ConfigProblem;
};

const pemFiles = (path: string): PathKind => (path.endsWith('.pem') ? 'file' : 'directory');

describe('loadConfig: variables', () => {
  it('has a default for everything when nothing is set', () => {
    const config = configOf(load({}));
    expect(config).to.deep.include({ environment: 'development', logLevel: 'info', dataDir: `${CWD}/data`, secrets: [], warnings: [] });
    expect(config.http).to.deep.equal({ host: '127.0.0.1', port: 9000, corsOrigins: [], maxRequestBytes: 10 * 1024 ** 2 });
    expect(config.agents.turns).to.deep.equal({ replyTimeoutMs: 30_000, maxHistory: 50, maxHistoryTokens: 60_000 });
    expect(config.promises).to.deep.equal({
      retry: { maxAttempts: 3, backoffMs: 60_000 },
      worker: { concurrency: 10, tenantConcurrency: 8, typeConcurrency: {}, leaseMs: 30_000, heartbeatMs: 10_000 },
      retentionMs: 7 * 24 * 60 * 60 * 1000,
    });
    expect(configOf(load({ KEPT_TIME_ZONE: 'Europe/Berlin' })).timeZone).to.equal('Europe/Berlin');
    expect(one(load({ KEPT_TIME_ZONE: '+02:00' }))).to.include({ place: 'KEPT_TIME_ZONE', severity: 'error' });
    expect(config.models).to.deep.equal({ rehearsal: { paceMs: 0 }, order: ['rehearsal'] });
    expect(config.policy.whitelist.defaultDirectory).to.equal(CWD);
    expect(config.policy).not.to.have.property('allowedGroups');
  });

  it('reads effort and output limits of models and agents, and refuses unknown values', () => {
    const { models, agents } = configOf(
      load({
        ANTHROPIC_API_KEY: 'sk-test-1',
        ANTHROPIC_EFFORT: 'LOW',
        ANTHROPIC_MAX_OUTPUT_TOKENS: '20000',
        OPENAI_API_KEY: 'sk-test-2',
        OPENAI_EFFORT: 'none',
        KEPT_CHAT_EFFORT: 'minimal',
        KEPT_PROMISE_MAX_OUTPUT_TOKENS: '100000',
      }),
    );
    expect(models.anthropic).to.deep.include({ effort: 'low', maxOutputTokens: 20_000 });
    expect(models.openai).to.include({ effort: 'none' }).and.not.to.have.property('maxOutputTokens');
    expect(agents.chat).to.deep.equal({ effort: 'minimal' });
    expect(agents.promise).to.deep.equal({ maxOutputTokens: 100_000 });

    expect(one(load({ KEPT_CHAT_EFFORT: 'hihg' }))).to.deep.include({ severity: 'error', problem: '"hihg" is not known' });
    expect(one(load({ KEPT_CHAT_EFFORT: 'hihg' })).hint).to.include('did you mean "high"? use one of: none, minimal, low');
    expect(one(load({ KEPT_PROMISE_MAX_OUTPUT_TOKENS: '10' })).problem).to.include('is less than 256');
    for (const [name, key] of [
      ['ANTHROPIC_EFFORT', 'ANTHROPIC_API_KEY'],
      ['OPENAI_MAX_OUTPUT_TOKENS', 'OPENAI_API_KEY or OPENAI_BASE_URL'],
    ] as const) {
      const value = name === 'ANTHROPIC_EFFORT' ? 'low' : '1000';
      expect(one(load({ [name]: value }))).to.deep.include({ place: name, severity: 'warning', hint: `set ${key}` });
    }
  });

  it('gives a workspace four fifths of the workers, and a type all of them, unless told', () => {
    for (const [concurrency, tenantConcurrency] of [
      ['1', 1],
      ['4', 4],
      ['5', 4],
      ['100', 80],
    ] as const)
      expect(configOf(load({ PROMISE_CONCURRENCY: concurrency })).promises.worker.tenantConcurrency).to.equal(tenantConcurrency);
    const told = { PROMISE_WORKSPACE_CONCURRENCY: '3', PROMISE_CODE_CONCURRENCY: '1', PROMISE_ANALYSIS_CONCURRENCY: '2' };
    expect(configOf(load(told)).promises.worker).to.deep.include({ tenantConcurrency: 3, typeConcurrency: { code: 1, analysis: 2 } });
    expect(configOf(load({ PROMISE_SEARCH_CONCURRENCY: '7' })).promises.worker.typeConcurrency).to.deep.equal({ search: 7 });
  });

  it('treats an empty variable as unset', () => {
    expect(configOf(load(Object.fromEntries(VARIABLE_NAMES.map((name) => [name, ' ']))))).to.deep.equal(configOf(load({})));
  });

  it('reports every problem at once', () => {
    const result = load(
      {
        PORT: '70000',
        LOG_LEVEL: 'INFOO',
        MAX_REQUEST_SIZE: 'big',
        AGENT_TIMEOUT_SECONDS: '-1',
        CORS_ORIGINS: 'https://a.example/',
        SSL_KEYFILE: 'key.pem',
      },
      { workspaces: { A: {} }, telegram_grops: {} },
      { kindOf: pemFiles },
    );
    expect(result.ok).to.equal(false);
    expect(problemsOf(result).map(({ place }) => place)).to.have.members([
      'PORT',
      'LOG_LEVEL',
      'MAX_REQUEST_SIZE',
      'AGENT_TIMEOUT_SECONDS',
      'CORS_ORIGINS',
      'SSL_CERTFILE',
      'config/workspace_config.json: workspaces.A.description',
      'config/workspace_config.json: workspaces.A.workspace_type',
      'config/workspace_config.json: workspaces.A.working_directory',
      'config/workspace_config.json: workspaces.A.telegram_chat_ids',
      'config/workspace_config.json: telegram_grops',
    ]);
    for (const { problem, hint } of problemsOf(result)) expect(problem && hint).not.to.equal('');
  });

  it('reads seconds, sizes, words and lists', () => {
    const config = configOf(
      load({
        AGENT_TIMEOUT_SECONDS: '2.5',
        PROMISE_BACKOFF_SECONDS: '0.05',
        PROMISE_LEASE_SECONDS: '1',
        MAX_REQUEST_SIZE: '512kb',
        LOG_LEVEL: 'Warning',
        CORS_ORIGINS: 'https://a.example, http://localhost:3000',
        KEPT_DATA_DIR: '../elsewhere',
      }),
    );
    expect(config.agents.turns.replyTimeoutMs).to.equal(2500);
    expect(config.promises.retry.backoffMs).to.equal(50);
    expect(config.promises.worker).to.include({ leaseMs: 1000, heartbeatMs: 333 });
    expect(config.http).to.deep.include({ maxRequestBytes: 512 * 1024, corsOrigins: ['https://a.example', 'http://localhost:3000'] });
    expect(config).to.include({ logLevel: 'warn', dataDir: '/home/ann/elsewhere' });
  });

  it('says which numbers and sizes are accepted, and calls no number "not a number"', () => {
    const refused = (name: string, value: string): string => {
      const { problem, hint } = one(load({ [name]: value }));
      return `${problem}; ${hint}`;
    };
    expect(refused('PORT', '99999')).to.equal('"99999" is more than 65535; give a whole number from 0 to 65535');
    expect(refused('PORT', '-1')).to.equal('"-1" is less than 0; give a whole number from 0 to 65535');
    expect(refused('PORT', '9'.repeat(30))).to.match(/^a text of 30 characters is more than 65535;/);
    expect(refused('API_RATE_LIMIT', '0')).to.equal('"0" is less than 1; give a whole number from 1 to 1000000');
    for (const value of ['x', '1.5', '1e3', '0x10']) expect(refused('PORT', value)).to.include(' is not a whole number;');
    expect(refused('AGENT_TIMEOUT_SECONDS', '0.5')).to.equal(
      '"0.5" is less than 1; give a number of seconds from 1 to 86400, with up to 3 decimals',
    );
    expect(refused('AGENT_TIMEOUT_SECONDS', '100000')).to.include('is more than 86400');
    expect(refused('AGENT_TIMEOUT_SECONDS', '1.23456')).to.include('has more than 3 decimals');
    expect(refused('AGENT_TIMEOUT_SECONDS', 'soon')).to.include('is not a number of seconds');
    expect(refused('MAX_REQUEST_SIZE', '2GB')).to.equal('"2GB" is too much; give a size from 1 byte to 1024MB, such as 10MB');
    expect(refused('MAX_REQUEST_SIZE', '0')).to.include('"0" is too little');
    expect(refused('MAX_REQUEST_SIZE', 'big')).to.include('is not a size');
  });

  it('reports every wrong part of a list', () => {
    const { problem } = one(load({ CORS_ORIGINS: 'https://a.example/, http://b.example,c' }));
    expect(problem).to.equal('"https://a.example/" is not an origin; "c" is not an origin');
  });

  it('refuses a data directory that is a file, or that can not be made', () => {
    const refused = (value: string | undefined, kinds: Record<string, 'file' | 'directory' | 'other'>): ConfigProblem =>
      one(load({ KEPT_DATA_DIR: value }, undefined, { kindOf: (path) => kinds[path] ?? 'missing' }));
    expect(refused('kept.db', { [`${CWD}/kept.db`]: 'file', [CWD]: 'directory' })).to.deep.equal({
      place: 'KEPT_DATA_DIR',
      problem: `${CWD}/kept.db is not a directory`,
      hint: 'name a directory, or one that can be made',
      severity: 'error',
    });
    expect(refused('/dev/null/a/b', { '/dev/null': 'other', '/': 'directory' }).problem).to.equal(
      "/dev/null/a/b can't be made: /dev/null is not a directory",
    );
    expect(refused(undefined, { [`${CWD}/data`]: 'file' }).place).to.equal('KEPT_DATA_DIR');
    for (const kinds of [{ [CWD]: 'directory' }, { [`${CWD}/data`]: 'directory' }, {}] as const)
      expect(load({}, undefined, { kindOf: (path) => kinds[path as keyof typeof kinds] ?? 'missing' }).ok).to.equal(true);
  });

  it('requires a token, and limits the rate, if others can reach the server', () => {
    expect(one(load({ HOST: '0.0.0.0' }))).to.include({ place: 'KEPT_API_TOKEN', severity: 'error' });
    expect(one(load({ HOST: '0.0.0.0', KEPT_API_TOKEN: 'too-short' })).hint).to.include('16 characters');
    expect(configOf(load({ HOST: '0.0.0.0', KEPT_API_TOKEN: 'long-enough-for-this' })).http.rateLimitPerMinute).to.equal(100);
    for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '::1']) expect(load({ HOST: host }).ok, host).to.equal(true);
    for (const host of ['127.0.0.1.example.org', 'localhost.example.org', '::', '10.0.0.1', 'a b'])
      expect(load({ HOST: host }).ok, host).to.equal(false);
  });

  it('allows no web origin * without a token', () => {
    expect(one(load({ CORS_ORIGINS: '*' })).place).to.equal('CORS_ORIGINS');
    expect(load({ CORS_ORIGINS: '*', KEPT_API_TOKEN: 'long-enough-for-this' }).ok).to.equal(true);
  });

  it('requires both files for TLS, and both to exist', () => {
    expect(one(load({ SSL_CERTFILE: 'cert.pem' }, undefined, { kindOf: pemFiles })).place).to.equal('SSL_KEYFILE');
    expect(problemsOf(load({ SSL_CERTFILE: 'cert.pem', SSL_KEYFILE: 'key.pem' }, undefined, { kindOf: () => 'missing' }))).to.have.length(
      2,
    );
    expect(configOf(load({ SSL_CERTFILE: 'cert.pem', SSL_KEYFILE: '/k/key.pem' }, undefined, { kindOf: pemFiles })).http.tls).to.deep.equal(
      {
        certFile: `${CWD}/cert.pem`,
        keyFile: '/k/key.pem',
      },
    );
  });

  it('names the nearest known variable for an unknown one', () => {
    expect(one(load({ KEPT_DATADIR: 'x' }))).to.deep.equal({
      place: 'KEPT_DATADIR',
      problem: 'no such variable is known: it has no effect',
      hint: 'did you mean "KEPT_DATA_DIR"?',
      severity: 'warning',
    });
    expect(one(load({ PROMISE_CONCURENCY: '3' })).hint).to.include('PROMISE_CONCURRENCY');
    expect(load({ PATH: '/bin', NODE_ENV: 'x' })).to.have.nested.property('value.warnings').that.is.empty;
  });

  it('takes the address of a PostgreSQL database, whose password is a secret, as it is and as the address writes it', () => {
    expect(configOf(load({}))).not.to.have.property('database');
    const url = 'postgres://user:open%20sesame@db.example.org/kept';
    const config = configOf(load({ DATABASE_URL: url }));
    expect(config.database).to.deep.equal({ url });
    expect(config.secrets).to.deep.equal([url, 'open%20sesame', 'open sesame']);
    for (const local of ['postgresql://localhost:5433/kept', 'postgres:///kept?host=/var/run/postgresql'])
      expect(configOf(load({ DATABASE_URL: local })).database?.url).to.equal(local);
  });

  it('refuses any other DATABASE_URL without repeating it', () => {
    for (const [url, problem] of [
      ['sqlite:///hunter2hunter2/system.db', /not the address of a PostgreSQL database/],
      ['mysql://user:hunter2hunter2@localhost/db', /not the address of a PostgreSQL database/],
      ['hunter2hunter2', /not the address of a PostgreSQL database/],
      ['postgres://user:hunter2hunter2@localhost', /names no database/],
      ['postgres://user:hunter2hunter2%@localhost/kept', /%25/],
    ] as const) {
      const refused = one(load({ DATABASE_URL: url }));
      expect(refused).to.include({ place: 'DATABASE_URL', severity: 'error' });
      expect(refused.problem).to.match(problem);
      expect(JSON.stringify(refused)).not.to.include('hunter2');
    }
  });

  it('refuses a parameter of DATABASE_URL that would not do what it says, with what may stand there', () => {
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
      const refused = one(load({ DATABASE_URL: `${address}?${parameters}` }));
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
      expect(configOf(load({ DATABASE_URL: `${address}?${given}` })).database?.url).to.equal(`${address}?${used}`);
  });

  it('takes the addresses of hosted databases as they are given out', () => {
    const at = (parameters: string) =>
      configOf(load({ DATABASE_URL: `postgres://user:hunter2hunter2@db.example.org/kept?${parameters}` })).database;
    expect(at('sslmode=require&channel_binding=require&connect_timeout=10')).to.include({ connectTimeoutMs: 10_000, bindsChannel: true });
    expect(at('channel_binding=prefer')).to.include({ bindsChannel: true }).and.not.have.property('connectTimeoutMs');
    expect(at('channel_binding=disable')).to.include({ bindsChannel: false });
    expect(at('sslmode=require')).to.have.all.keys('url');
  });

  it('uses the time zone of TZ unless KEPT_TIME_ZONE is set, and warns if TZ names none', () => {
    expect(configOf(load({ TZ: 'Asia/Tokyo' })).timeZone).to.equal('Asia/Tokyo');
    expect(configOf(load({ TZ: ':Asia/Tokyo' })).timeZone).to.equal('Asia/Tokyo');
    for (const TZ of ['Moon/Crater', 'CET-1CEST', 'GMT+3']) {
      const config = configOf(load({ TZ }));
      expect(config.timeZone).to.equal('UTC');
      expect(config.warnings.map(({ place, problem }) => [place, problem])).to.deep.equal([
        ['TZ', `"${TZ}" is no time zone: all clocks are taken to show UTC`],
      ]);
      expect(configOf(load({ TZ, KEPT_TIME_ZONE: 'Asia/Tokyo' }))).to.deep.include({ timeZone: 'Asia/Tokyo', warnings: [] });
    }
    for (const own of [{}, { TZ: ':/etc/localtime' }]) expect(isTimeZone(configOf(load(own)).timeZone)).to.equal(true);
  });

  it('warns about variables that decide nothing any more', () => {
    expect(one(load({ REDIS_URL: 'redis://localhost:6379' }))).to.include({ place: 'REDIS_URL', severity: 'warning' });
    expect(one(load({ TELEGRAM_ALLOW_DMS: 'false' }))).to.include({ place: 'TELEGRAM_ALLOW_DMS', severity: 'warning' });
  });

  it('reads and checks the Telegram variables: the application needs both its id and hash', () => {
    const env = { TELEGRAM_API_ID: '1234567', TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2) };
    expect(configOf(load(env)).telegram).to.deep.equal({ apiId: 1234567, apiHash: env.TELEGRAM_API_HASH });
    expect(configOf(load({})).telegram).to.equal(undefined);
    expect(one(load({ TELEGRAM_API_ID: '1234567' }))).to.include({ place: 'TELEGRAM_API_HASH', severity: 'error' });
    expect(one(load({ TELEGRAM_API_ID: 'seven', TELEGRAM_API_HASH: env.TELEGRAM_API_HASH })).severity).to.equal('error');
    expect(one(load({ TELEGRAM_API_ID: '1234567', TELEGRAM_API_HASH: 'abcdef...' })).problem).to.include('placeholder');
    expect(configOf(load({ ...env, TELEGRAM_DC_ADDRESS: '127.0.0.1:4430' })).telegram?.dc).to.deep.equal({ address: '127.0.0.1:4430' });
    for (const written of ['-1001500000008', 'telegram:-1001500000008'])
      expect(configOf(load({ ...env, TELEGRAM_OPERATOR_CHAT: written })).telegram?.operatorChat).to.equal('telegram:-1001500000008');
    for (const wrong of ['0', '@operator', '1'.repeat(40), 'slack:C01', 'telegram:-1001:0'])
      expect(one(load({ ...env, TELEGRAM_OPERATOR_CHAT: wrong }))).to.include({ place: 'TELEGRAM_OPERATOR_CHAT', severity: 'error' });
    expect(one(load({ ...env, TELEGRAM_DC_ADDRESS: 'somewhere' })).place).to.equal('TELEGRAM_DC_ADDRESS');
    const withKey = load({ ...env, TELEGRAM_DC_ADDRESS: '127.0.0.1:4430', TELEGRAM_DC_PUBLIC_KEY: 'no-such-file.pem' });
    expect(one(withKey).place).to.equal('TELEGRAM_DC_PUBLIC_KEY');
  });

  describe('reads the way to Telegram', () => {
    const env = { TELEGRAM_API_ID: '1234567', TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2) };
    const secret = '0123456789abcdef'.repeat(2);
    const proxyOf = (TELEGRAM_PROXY: string) => configOf(load({ ...env, TELEGRAM_PROXY })).telegram?.proxy;

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
      it(`as ${written}`, () => {
        expect(proxyOf(written)).to.deep.equal(proxy);
      });

    it('keeps a proxy’s password and secret to itself', () => {
      for (const [written, hidden] of [
        ['socks5://ann:her%20word@proxy.example:1080', 'her word'],
        [`mtproxy://${secret}@proxy.example:443`, secret],
        ['tg://socks?server=h&port=1&user=ann&pass=her-word', 'her-word'],
      ] as const)
        expect(configOf(load({ ...env, TELEGRAM_PROXY: written })).secrets).to.include(hidden);
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
      it(`and refuses ${wrong}, without quoting it`, () => {
        const problem = one(load({ ...env, TELEGRAM_PROXY: wrong }));
        expect(problem).to.include({ place: 'TELEGRAM_PROXY', severity: 'error' });
        expect(problem.problem).to.match(words);
        expect(JSON.stringify(problem)).to.not.include(wrong);
      });

    it('transport and addresses', () => {
      const { telegram } = configOf(load({ ...env, TELEGRAM_TRANSPORT: 'Obfuscated', TELEGRAM_IPV6: 'on' }));
      expect(telegram).to.deep.include({ transport: 'obfuscated', ipv6: true });
      expect(configOf(load({ ...env, TELEGRAM_IPV6: '0' })).telegram?.ipv6).to.equal(false);
      expect(one(load({ ...env, TELEGRAM_IPV6: 'perhaps' })).place).to.equal('TELEGRAM_IPV6');
    });
  });

  it('puts the configured ones in order, Anthropic first', () => {
    expect(configOf(load({ OPENAI_API_KEY: 'o-key', ANTHROPIC_API_KEY: 'a-key' })).models).to.deep.equal({
      anthropic: { apiKey: 'a-key', model: 'claude-sonnet-5-5' },
      openai: { apiKey: 'o-key', model: 'gpt-5.5' },
      rehearsal: { paceMs: 0 },
      order: ['anthropic', 'openai'],
    });
  });

  it('takes a base address for an OpenAI-compatible server without a key', () => {
    const { models } = configOf(load({ OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1/', OPENAI_MODEL: 'llama' }));
    expect(models.openai).to.deep.equal({ baseUrl: 'http://127.0.0.1:11434/v1', model: 'llama' });
    expect(models.order).to.deep.equal(['openai']);
    expect(one(load({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).place).to.equal('OPENAI_MODEL');
  });

  for (const [address, problem, hint] of [
    ['http://127.0.0.1:11434', 'has no path: most servers of this kind answer below /v1', 'give http://127.0.0.1:11434/v1'],
    ['http://host/v1/chat/completions', 'ends in /chat/completions, which is added to it', 'give http://host/v1'],
    ['https://host/api/v1/models/', 'ends in /models, which is added to it', 'give https://host/api/v1'],
    ['https://host/v1/v1', 'ends in /v1 twice', 'give https://host/v1'],
    [
      'https://host/openai/v1?api-version=2',
      'holds a part behind ? or #, which no request would be sent with',
      'give https://host/openai/v1',
    ],
  ] as const)
    it(`tells at the start that OPENAI_BASE_URL=${address} is no base address`, () =>
      expect(one(load({ OPENAI_BASE_URL: address, OPENAI_MODEL: 'm' }))).to.include({ place: 'OPENAI_BASE_URL', problem, hint }));

  for (const [address, hint] of [
    ['https://host/v1', 'give https://host'],
    ['https://host/v1/messages', 'give https://host'],
    ['https://host/anthropic/v1/', 'give https://host/anthropic'],
  ] as const)
    it(`tells at the start that ANTHROPIC_BASE_URL=${address} is no base address`, () =>
      expect(one(load({ ANTHROPIC_BASE_URL: address, ANTHROPIC_API_KEY: 'a-key' }))).to.include({ severity: 'error', hint }));

  it('takes addresses as the providers name them', () => {
    for (const address of [
      'https://api.openai.com/v1',
      'https://openrouter.ai/api/v1',
      'https://name.openai.azure.com/openai/v1/',
      'https://generativelanguage.googleapis.com/v1beta/openai/',
      'https://api.groq.com/openai/v1',
      'https://host/inference',
    ])
      expect(configOf(load({ OPENAI_BASE_URL: address, OPENAI_MODEL: 'm' })).warnings).to.deep.equal([]);
    const anthropic = { ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: 'https://host/anthropic' };
    expect(configOf(load(anthropic)).warnings).to.deep.equal([]);
  });

  it('names the choices of LOG_LEVEL as the documentation writes them', () => {
    expect(one(load({ LOG_LEVEL: 'LOUD' })).hint).to.equal('use one of: DEBUG, INFO, WARNING, ERROR, CRITICAL');
    expect(one(load({ LOG_LEVEL: 'infoo' })).hint).to.match(/^did you mean "INFO"\?/);
    expect(configOf(load({ LOG_LEVEL: 'dEbUg' })).logLevel).to.equal('debug');
  });

  it('warns once of a name that is twice in a list', () => {
    const cors = one(load({ CORS_ORIGINS: 'https://a.example,https://a.example,https://a.example' }));
    expect(cors).to.include({ place: 'CORS_ORIGINS', problem: '"https://a.example" is named twice', severity: 'warning' });
    expect(configOf(load({ CORS_ORIGINS: 'https://a.example,https://b.example' })).warnings).to.deep.equal([]);
  });

  it('follows KEPT_MODELS, and refuses there what is unknown, doubled or not configured', () => {
    expect(configOf(load({ KEPT_MODELS: 'rehearsal,Anthropic', ANTHROPIC_API_KEY: 'a-key' })).models.order).to.deep.equal([
      'rehearsal',
      'anthropic',
    ]);
    expect(one(load({ KEPT_MODELS: 'antropic' })).hint).to.equal('did you mean "anthropic"?');
    for (const twice of ['rehearsal,rehearsal', 'Rehearsal,rehearsal,rehearsal'])
      expect(one(load({ KEPT_MODELS: twice })).problem).to.equal('rehearsal is named twice');
    expect(one(load({ KEPT_MODELS: 'openai,openai' }))).to.include({
      problem: 'openai is named twice',
      hint: 'name each once, first the one to try first, and set OPENAI_API_KEY or OPENAI_BASE_URL',
    });
    expect(one(load({ KEPT_MODELS: 'antropic,antropic' })).problem).to.equal('no model is called "antropic"');
    expect(one(load({ KEPT_MODELS: 'openai' })).problem).to.include('not configured');
    expect(one(load({ KEPT_MODELS: ',' })).problem).to.include('commas');
  });

  it('refuses an address that is none, or that holds a password', () => {
    expect(one(load({ ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: 'ftp://x' })).place).to.equal('ANTHROPIC_BASE_URL');
    const refused = one(load({ ANTHROPIC_API_KEY: 'a-key', ANTHROPIC_BASE_URL: 'https://ann:hunter2@x' }));
    expect(refused.hint).to.include('ANTHROPIC_API_KEY');
    expect(JSON.stringify(refused)).not.to.include('hunter2');
  });
});

describe('loadConfig: secrets', () => {
  it('quotes no configured secret in any problem, wherever it was pasted', () => {
    const secret = fc
      .string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 60 })
      .filter((text) => text.trim().length >= 8 && !text.includes(','));
    fc.assert(
      fc.property(
        secret,
        fc.constantFrom(...SECRET_VARIABLES),
        fc.uniqueArray(fc.constantFrom(...VARIABLE_NAMES.filter((name) => name !== 'KEPT_CONFIG')), { maxLength: 8 }),
        fc.constantFrom('workspace', 'key', 'group', 'user', 'chat', 'syntax', 'none'),
        (value, holder, others, where) => {
          const pasted = value.trim();
          const files: Record<string, unknown> = {
            workspace: { workspaces: { [pasted]: { description: 1, telegram_chat_ids: [pasted], [pasted]: 1 } } },
            key: { [pasted]: {}, telegram_groups: { [pasted]: pasted, '-1': pasted } },
            group: { telegram_groups: { '-1': pasted } },
            user: { dm_whitelist: { allowed_users: { [pasted]: { username: `x${pasted}` } }, allowed_user_ids: { [pasted]: {} } } },
            chat: {
              workspaces: {
                A: { description: '', workspace_type: 'a', working_directory: pasted, telegram_chat_ids: [pasted], aliases: [pasted] },
                B: { description: '', workspace_type: 'a', working_directory: '.', telegram_chat_ids: [], aliases: [pasted] },
              },
            },
            syntax: `{ ${pasted} }`,
          };
          const env = { [holder]: value, ...Object.fromEntries(others.map((name) => [name, value])) };
          const result = load(env, files[where], { kindOf: () => 'missing' });
          const shown = problemsOf(result).flatMap(({ place, problem, hint }) => [place, problem, hint]);
          const leaks = shown.filter((text) => text.includes(pasted));
          expect(leaks, leaks.join('\n')).to.be.empty;
        },
      ),
      { numRuns: 500 },
    );
  });

  it('hands every secret to the redactor', () => {
    const env = { ANTHROPIC_API_KEY: 'a-secret-value', KEPT_API_TOKEN: 'another-secret-value' };
    expect(configOf(load(env)).secrets).to.have.members(Object.values(env));
  });
});
