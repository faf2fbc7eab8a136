import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadProcessConfig, readProcessConfig } from '../../src/config/index.ts';

describe('loadProcessConfig', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kept-config-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const portOf = (env: Record<string, string>): number | undefined => {
    const loaded = loadProcessConfig(env, directory);
    return loaded.ok ? loaded.value.http.port : undefined;
  };

  it('reads .env, lets the process win, and an empty variable of the process hide', () => {
    writeFileSync(join(directory, '.env'), 'PORT=8001  # a comment\nMAX_CONVERSATION_HISTORY=7\n');
    const before = { ...process.env };
    expect(portOf({})).to.equal(8001);
    expect(portOf({ PORT: '8002' })).to.equal(8002);
    expect(portOf({ PORT: '' })).to.equal(9000);
    expect(process.env).to.deep.equal(before);
  });

  it('loads the example of a fresh clone without a warning', () => {
    // What is in a clone that somebody uses, .env above all, is theirs.
    cpSync(new URL('../../config', import.meta.url), join(directory, 'config'), { recursive: true });
    const loaded = loadProcessConfig({}, directory);
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    expect(loaded.value.policy.workspaces.map(({ name }) => name)).to.deep.equal(['Acme Dev', 'Orchard']);
    expect(loaded.value.warnings.filter(({ place }) => place.startsWith('config/'))).to.deep.equal([]);
  });

  it('reports problems of .env together with all others', () => {
    writeFileSync(join(directory, '.env'), 'PORT=1\nPORT=99999\nHOST: 0.0.0.0\n');
    writeFileSync(join(directory, 'kept.db'), '');
    const loaded = loadProcessConfig({ KEPT_DATA_DIR: 'kept.db/data' }, directory);
    expect(loaded).to.have.property('ok', false);
    expect((loaded.ok ? [] : loaded.error).map(({ place, severity }) => `${severity}: ${place}`)).to.deep.equal([
      'warning: .env: line 2',
      'error: .env: line 3',
      'error: PORT',
      'error: KEPT_DATA_DIR',
    ]);
    writeFileSync(join(directory, '.env'), 'PORT=1\nPORT=8001\n');
    expect(loadProcessConfig({}, directory)).to.have.nested.property('value.warnings[0].place', '.env: line 2');
    writeFileSync(join(directory, '.env'), 'oops');
    expect(loadProcessConfig({}, directory)).to.have.nested.property('error[0].place', '.env: line 1');
  });

  it('says where packages of the AI SDK find their keys, and which package is not installed', () => {
    writeFileSync(join(directory, '.env'), 'GOOGLE_GENERATIVE_AI_API_KEY=made-up-key\n', { mode: 0o600 });
    expect(loadProcessConfig({}, directory)).to.have.nested.property(
      'value.warnings[0].hint',
      'packages of the AI SDK read the environment of the process: set it there',
    );
    const loaded = loadProcessConfig({ KEPT_MODELS: 'ai-sdk:anthropic/claude-x,ai-sdk:nobody-has-this/x' }, directory);
    const errors = loaded.ok ? [] : loaded.error.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ problem }) => problem)).to.deep.equal(['names the package @ai-sdk/nobody-has-this, which is not installed']);
  });

  it('warns of a .env with secrets, or a TLS key, that others can read', () => {
    const places = (env: Record<string, string> = {}) => {
      const loaded = loadProcessConfig(env, directory);
      return (loaded.ok ? loaded.value.warnings : loaded.error).map(({ place, hint }) => `${place}: ${hint}`);
    };
    const path = join(directory, '.env');
    writeFileSync(path, 'PORT=8001\n');
    chmodSync(path, 0o644);
    expect(places(), 'no secret in it').to.deep.equal([]);
    writeFileSync(path, `KEPT_API_TOKEN=${randomBytes(16).toString('hex')}\n`);
    for (const mode of [0o644, 0o640, 0o666]) {
      chmodSync(path, mode);
      expect(places()).to.deep.equal(['.env: `chmod 600 .env`']);
    }
    chmodSync(path, 0o600);
    expect(places()).to.deep.equal([]);
    const tls = { SSL_KEYFILE: join(directory, 'key.pem'), SSL_CERTFILE: join(directory, 'cert.pem') };
    for (const file of Object.values(tls)) writeFileSync(file, '');
    chmodSync(tls.SSL_KEYFILE, 0o644);
    expect(places(tls)).to.deep.equal([`SSL_KEYFILE: \`chmod 640 ${tls.SSL_KEYFILE}\``]);
    chmodSync(tls.SSL_KEYFILE, 0o640);
    expect(places(tls)).to.deep.equal([]);
  });

  it('reads what can be read of a broken configuration', () => {
    writeFileSync(join(directory, '.env'), 'KEPT_DATA_DIR=elsewhere\noops\n');
    mkdirSync(join(directory, 'config'));
    writeFileSync(join(directory, 'config/workspace_config.json'), '{ broken');
    const { config, problems } = readProcessConfig({ PORT: 'abc', LOG_LEVEL: 'loudest' }, directory);
    expect(config).to.include({ dataDir: join(directory, 'elsewhere'), logLevel: 'info' });
    expect(config.policy.workspaces).to.deep.equal([]);
    expect(problems.map(({ place }) => place)).to.include.members(['.env: line 2', 'PORT', 'LOG_LEVEL']);
  });

  it('looks at the real directories, and tells of files that are none', () => {
    mkdirSync(join(directory, 'config/workspace_config.json'), { recursive: true });
    const loaded = loadProcessConfig({}, directory);
    expect(loaded).to.have.nested.property('error[0].problem', "can't be read: it is a directory (EISDIR)");
    rmSync(join(directory, 'config/workspace_config.json'), { recursive: true });
    writeFileSync(join(directory, 'config/workspace_config.json'), '');
    truncateSync(join(directory, 'config/workspace_config.json'), 2 ** 30);
    expect(loadProcessConfig({}, directory)).to.have.nested.property('error[0].problem', "can't be read: it is larger than 64 MB (EFBIG)");
    mkdirSync(join(directory, '.env'));
    expect(loadProcessConfig({}, directory)).to.have.nested.property('error[0].problem', "can't be read: it is a directory (EISDIR)");
    expect(loadProcessConfig({ PORT: 'x' }, directory)).to.have.nested.property('error[0].place', '.env');
    expect(loadProcessConfig({ PORT: 'x' }, directory)).to.have.nested.property('error[1].place', 'PORT');
  });

  it('warns of every unknown name in .env, with its line and the nearest known one, and repeats no value', () => {
    const lines = [
      ['ANTROPIC_API_KEY', 'ANTHROPIC_API_KEY'],
      ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
      ['OPEN_AI_KEY', 'OPENAI_API_KEY'],
      ['openai_api_key', 'OPENAI_API_KEY'],
      ['TELEGRAM_TOKEN', 'TELEGRAM_BOT_TOKEN'],
      ['BOT_TOKEN', 'TELEGRAM_BOT_TOKEN'],
      ['API_HASH', 'TELEGRAM_API_HASH'],
      ['PERPLEXITY_KEY', 'PERPLEXITY_API_KEY'],
      ['NOTION_TOKEN', 'NOTION_API_KEY'],
      ['CLAUDE_API_KEY', 'ANTHROPIC_API_KEY'],
      ['POSTGRES_URL', 'DATABASE_URL'],
      ['LOGLEVEL', 'LOG_LEVEL'],
      ['KEPT_PORT', 'PORT'],
      ['KEPT_LOG_LEVEL', 'LOG_LEVEL'],
      ['DATA_DIR', 'KEPT_DATA_DIR'],
      ['PROMISE_CONCURENCY', 'PROMISE_CONCURRENCY'],
    ] as const;
    writeFileSync(join(directory, '.env'), lines.map(([name]) => `${name}=value-4711\n`).join(''));
    const loaded = loadProcessConfig({}, directory);
    const warnings = loaded.ok ? loaded.value.warnings : [];
    expect(warnings.map(({ place, hint }) => [place, hint])).to.deep.equal(
      lines.map(([name, nearest], at) => [`${name} (.env: line ${at + 1})`, `did you mean "${nearest}"?`]),
    );
    expect(JSON.stringify(warnings)).not.to.include('4711');
    writeFileSync(join(directory, '.env'), 'COMPOSE_PROJECT_NAME=x\nTZ=UTC\n');
    expect(loadProcessConfig({}, directory)).to.have.nested.property('value.warnings.length', 1);
  });

  it('warns of a name in the environment of the process only where it is near one of Kept’s', () => {
    const namesOf = (env: Record<string, string>): readonly string[] => {
      const loaded = loadProcessConfig(env, directory);
      return loaded.ok ? loaded.value.warnings.map(({ place }) => place) : ['refused'];
    };
    for (const name of [
      'ANTROPIC_API_KEY',
      'OPENAI_APIKEY',
      'TELEGRAM_TOKEN',
      'PERPLEXITY_KEY',
      'KEPT_PROT',
      'openai_api_key',
      'OPENAI_API_BASE',
    ])
      expect(namesOf({ [name]: 'x' }), name).to.deep.equal([name]);
    const others = [
      'PATH',
      'HOME',
      'USER',
      'LANG',
      'SHELL',
      'POST',
      'HOSTNAME',
      'PORTS',
      'NODE_ENV',
      'API_KEY',
      'DB_URL',
      'LOG_LEVELS_X',
      'TEXT',
      'HTTP_PROXY',
      'OPENAI_ORG_ID',
      'SSL_CERT_FILE',
      'ANTHROPIC_AUTH_TOKEN',
      'XDG_DATA_DIR',
      'GITHUB_TOKEN',
      'AWS_SECRET_ACCESS_KEY',
      'npm_config_user_agent',
    ];
    expect(namesOf(Object.fromEntries(others.map((name) => [name, 'x'])))).to.deep.equal([]);
  });

  it('warns of keys that are placeholders by their shape, and not of what may be one', () => {
    const warned = (env: Record<string, string>): boolean => {
      const loaded = loadProcessConfig(env, directory);
      return loaded.ok && loaded.value.warnings.some(({ problem }) => /placeholder/.test(problem));
    };
    for (const key of [
      'foo',
      'your-key-here',
      'your_api_key',
      'YOUR-ANTHROPIC-KEY',
      'sk-ant-your-key',
      'changeme',
      'xxxx',
      'sk-ant-1',
      '<key>',
      'x',
      'insert-key-here',
    ])
      expect(warned({ ANTHROPIC_API_KEY: key }), key).to.equal(true);
    expect(warned({ KEPT_API_TOKEN: 'your-token-here-please' })).to.equal(true);
    expect(warned({ ANTHROPIC_API_KEY: `sk-ant-${'Ab3'.repeat(15)}` })).to.equal(false);
    expect(warned({ OPENAI_API_KEY: 'ollama', OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1', OPENAI_MODEL: 'x' })).to.equal(false);
  });
});
