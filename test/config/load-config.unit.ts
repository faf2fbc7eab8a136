import { expect } from 'chai';
import { VARIABLE_NAMES } from '../../src/config/environment.ts';
import type { ConfigProblem } from '../../src/config/index.ts';
import { isTimeZone } from '../../src/domain/shared/time.ts';
import { CWD, configOf, loadWith, onlyProblem, pemFiles, problemsOf } from './loaded-config.ts';

describe('The variables of the configuration', () => {
  it('has a default for everything when nothing is set', () => {
    const config = configOf(loadWith({}));
    expect(config).to.deep.include({ environment: 'development', logLevel: 'info', dataDir: `${CWD}/data`, secrets: [], warnings: [] });
    expect(config.http).to.deep.equal({
      host: '127.0.0.1',
      port: 9000,
      corsOrigins: [],
      trustedProxies: [],
      maxRequestBytes: 10 * 1024 ** 2,
    });
    expect(config.agents.turns).to.deep.equal({ replyTimeoutMs: 30_000, maxHistory: 50, maxHistoryTokens: 60_000 });
    expect(config.promises).to.deep.equal({
      retry: { maxAttempts: 3, backoffMs: 60_000 },
      worker: { concurrency: 10, tenantConcurrency: 8, typeConcurrency: {}, leaseMs: 30_000, heartbeatMs: 10_000 },
      approvalMs: 86_400_000,
      retentionMs: 7 * 24 * 60 * 60 * 1000,
    });
    expect(configOf(loadWith({ KEPT_TIME_ZONE: 'Europe/Berlin' })).timeZone).to.equal('Europe/Berlin');
    expect(onlyProblem(loadWith({ KEPT_TIME_ZONE: '+02:00' }))).to.include({ place: 'KEPT_TIME_ZONE', severity: 'error' });
    expect(config.models).to.deep.equal({ rehearsal: { paceMs: 0 }, order: ['rehearsal'] });
    expect(config.policy.whitelist.defaultDirectory).to.equal(CWD);
    expect(config.policy).not.to.have.property('allowedGroups');
  });

  it('gives a workspace four fifths of the workers, and a type all of them, unless told', () => {
    for (const [concurrency, tenantConcurrency] of [
      ['1', 1],
      ['4', 4],
      ['5', 4],
      ['100', 80],
    ] as const)
      expect(configOf(loadWith({ PROMISE_CONCURRENCY: concurrency })).promises.worker.tenantConcurrency).to.equal(tenantConcurrency);
    const told = { PROMISE_WORKSPACE_CONCURRENCY: '3', PROMISE_CODE_CONCURRENCY: '1', PROMISE_ANALYSIS_CONCURRENCY: '2' };
    expect(configOf(loadWith(told)).promises.worker).to.deep.include({ tenantConcurrency: 3, typeConcurrency: { code: 1, analysis: 2 } });
    expect(configOf(loadWith({ PROMISE_SEARCH_CONCURRENCY: '7' })).promises.worker.typeConcurrency).to.deep.equal({ search: 7 });
  });

  it('treats an empty variable as unset', () => {
    expect(configOf(loadWith(Object.fromEntries(VARIABLE_NAMES.map((name) => [name, ' ']))))).to.deep.equal(configOf(loadWith({})));
  });

  it('reports every problem at once', () => {
    const result = loadWith(
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
      loadWith({
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
      const { problem, hint } = onlyProblem(loadWith({ [name]: value }));
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
    const { problem } = onlyProblem(loadWith({ CORS_ORIGINS: 'https://a.example/, http://b.example,c' }));
    expect(problem).to.equal('"https://a.example/" is not an origin; "c" is not an origin');
  });

  it("refuses a data directory that is a file, or that can't be made", () => {
    const refused = (value: string | undefined, kinds: Record<string, 'file' | 'directory' | 'other'>): ConfigProblem =>
      onlyProblem(loadWith({ KEPT_DATA_DIR: value }, undefined, { kindOf: (path) => kinds[path] ?? 'missing' }));
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
      expect(loadWith({}, undefined, { kindOf: (path) => kinds[path as keyof typeof kinds] ?? 'missing' }).ok).to.equal(true);
  });

  it('names the nearest known variable for an unknown one', () => {
    expect(onlyProblem(loadWith({ KEPT_DATADIR: 'x' }))).to.deep.equal({
      place: 'KEPT_DATADIR',
      problem: 'no such variable is known: it has no effect',
      hint: 'did you mean "KEPT_DATA_DIR"?',
      severity: 'warning',
    });
    expect(onlyProblem(loadWith({ PROMISE_CONCURENCY: '3' })).hint).to.include('PROMISE_CONCURRENCY');
    expect(loadWith({ PATH: '/bin', NODE_ENV: 'x' })).to.have.nested.property('value.warnings').that.is.empty;
  });

  it('uses the time zone of TZ unless KEPT_TIME_ZONE is set, and warns if TZ names none', () => {
    expect(configOf(loadWith({ TZ: 'Asia/Tokyo' })).timeZone).to.equal('Asia/Tokyo');
    expect(configOf(loadWith({ TZ: ':Asia/Tokyo' })).timeZone).to.equal('Asia/Tokyo');
    for (const TZ of ['Moon/Crater', 'CET-1CEST', 'GMT+3']) {
      const config = configOf(loadWith({ TZ }));
      expect(config.timeZone).to.equal('UTC');
      expect(config.warnings.map(({ place, problem }) => [place, problem])).to.deep.equal([
        ['TZ', `"${TZ}" is no time zone: all clocks are taken to show UTC`],
      ]);
      expect(configOf(loadWith({ TZ, KEPT_TIME_ZONE: 'Asia/Tokyo' }))).to.deep.include({ timeZone: 'Asia/Tokyo', warnings: [] });
    }
    for (const own of [{}, { TZ: ':/etc/localtime' }]) expect(isTimeZone(configOf(loadWith(own)).timeZone)).to.equal(true);
  });

  it('warns about variables that have no effect any more', () => {
    expect(onlyProblem(loadWith({ REDIS_URL: 'redis://localhost:6379' }))).to.include({ place: 'REDIS_URL', severity: 'warning' });
    expect(onlyProblem(loadWith({ TELEGRAM_ALLOW_DMS: 'false' }))).to.include({ place: 'TELEGRAM_ALLOW_DMS', severity: 'warning' });
  });

  it('names the choices of LOG_LEVEL as the documentation writes them', () => {
    expect(onlyProblem(loadWith({ LOG_LEVEL: 'LOUD' })).hint).to.equal('use one of: DEBUG, INFO, WARNING, ERROR, CRITICAL');
    expect(onlyProblem(loadWith({ LOG_LEVEL: 'infoo' })).hint).to.match(/^did you mean "INFO"\?/);
    expect(configOf(loadWith({ LOG_LEVEL: 'dEbUg' })).logLevel).to.equal('debug');
  });

  it('warns once of a name that is twice in a list', () => {
    const cors = onlyProblem(loadWith({ CORS_ORIGINS: 'https://a.example,https://a.example,https://a.example' }));
    expect(cors).to.include({ place: 'CORS_ORIGINS', problem: '"https://a.example" is named twice', severity: 'warning' });
    expect(configOf(loadWith({ CORS_ORIGINS: 'https://a.example,https://b.example' })).warnings).to.deep.equal([]);
  });
});
