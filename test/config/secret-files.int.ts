import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { FILE_VARIABLES, SECRET_VARIABLES } from '../../src/config/environment.ts';
import { isSecretVariable, makeReadAgain, readProcessConfig } from '../../src/config/index.ts';
import { isMountedForOne } from '../../src/config/secret-files.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

describe('Secrets that stand in files', () => {
  let directory = '';
  beforeEach(() => {
    directory = takeDirectory('secret-files');
  });
  afterEach(() => removeDirectory(directory));
  const madeUp = (): string => `made-up-${randomBytes(12).toString('hex')}`;
  const file = (name: string, content: string | Uint8Array, mode = 0o600): string => {
    const path = join(directory, name);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };
  const read = (env: Record<string, string>) => readProcessConfig(env, directory);
  const errorsOf = (env: Record<string, string>): readonly string[] =>
    read(env)
      .problems.filter(({ severity }) => severity === 'error')
      .map(({ place, problem }) => `${place}: ${problem}`);

  it('reads every secret variable but those of earlier versions from the file that NAME_FILE names', () => {
    expect(FILE_VARIABLES.map((name) => name.replace(/_FILE$/, ''))).to.deep.equal(SECRET_VARIABLES.filter((name) => name !== 'REDIS_URL'));
    const key = madeUp();
    const { config, problems } = read({ ANTHROPIC_API_KEY_FILE: file('key', `\n${key}\r\n`), NOTION_API_KEY_FILE: 'key' });
    expect(problems).to.deep.equal([]);
    expect(config.models.anthropic?.apiKey).to.equal(key);
    expect(config.notion?.apiKey).to.equal(key);
    expect(config.secrets, 'the redactor knows it').to.include(key);
    expect(config.secretFiles.map(({ variable }) => variable).sort()).to.deep.equal(['ANTHROPIC_API_KEY', 'NOTION_API_KEY']);
  });

  it('takes the password of an address in a file for a secret, and gives .mcp.json the value', () => {
    const password = madeUp();
    file(
      '.mcp.json',
      JSON.stringify({
        mcpServers: { notes: { url: 'http://127.0.0.1:1/', headers: { authorization: ['$', '{NOTION_API_KEY}'].join('') } } },
      }),
    );
    const key = madeUp();
    const { config } = read({
      DATABASE_URL_FILE: file('db', `postgres://kept:${password}@127.0.0.1/kept`),
      NOTION_API_KEY_FILE: file('notion', key),
    });
    expect(config.database?.url).to.include(password);
    expect(config.secrets).to.include.members([password, key]);
    expect(config.mcp.servers[0]).to.have.deep.property('headers', { authorization: key });
  });

  it('may be named in .env, which holds no secret then', () => {
    const key = madeUp();
    file('key', key);
    file('.env', 'ANTHROPIC_API_KEY_FILE=key\n', 0o644);
    expect(read({})).to.have.nested.property('config.models.anthropic.apiKey', key);
    expect(read({}).problems).to.deep.equal([]);
    expect(isSecretVariable('ANTHROPIC_API_KEY_FILE'), 'a path is none').to.equal(false);
    expect(isSecretVariable('ANTHROPIC_API_KEY')).to.equal(true);
  });

  it('says which file is wrong, and how, without a word of what it holds', () => {
    const path = (name: string): string => join(directory, name);
    mkdirSync(path('directory'));
    const key = madeUp();
    const rows: readonly (readonly [content: string | Uint8Array | undefined, problem: string])[] = [
      [undefined, `there is no file ${path('key')}`],
      ['', `the file ${path('key')} is empty`],
      [' \n', `the file ${path('key')} is empty`],
      [`${key}\n${key}\n`, `the file ${path('key')} has more than one line`],
      [Buffer.from([0x6b, 0xff, 0x6b]), `the file ${path('key')} holds characters that are no text in UTF-8`],
      [`${key} ${key}`, `the file ${path('key')} holds spaces or characters that no key has`],
      [`${key}...`, `the file ${path('key')} is still the placeholder of an example`],
    ];
    for (const [content, problem] of rows) {
      if (content !== undefined) file('key', content);
      expect(errorsOf({ ANTHROPIC_API_KEY_FILE: 'key' })).to.deep.equal([`ANTHROPIC_API_KEY_FILE: ${problem}`]);
    }
    expect(errorsOf({ ANTHROPIC_API_KEY_FILE: 'directory' })).to.deep.equal([
      `ANTHROPIC_API_KEY_FILE: the file ${path('directory')} can't be read: it is a directory (EISDIR)`,
    ]);
    expect(errorsOf({ KEPT_API_TOKEN_FILE: file('short', 'seven-7') })).to.deep.equal([
      `KEPT_API_TOKEN_FILE: the file ${path('short')} does not look like what it should be`,
    ]);
    file('key', key);
    expect(errorsOf({ ANTHROPIC_API_KEY_FILE: 'key', ANTHROPIC_API_KEY: key })).to.deep.equal([
      'ANTHROPIC_API_KEY_FILE: is set, and so is ANTHROPIC_API_KEY: one of them is a mistake',
    ]);
    expect(errorsOf({ ANTHROPIC_API_KEY_FILE: 'key', ANTHROPIC_API_KEY: '' }), 'set to nothing is not set').to.deep.equal([]);
  });

  it('warns of a file that others can read, but for one that is mounted for this process', () => {
    const warned = (path: string) => read({ ANTHROPIC_API_KEY_FILE: path }).config.warnings.map(({ place, hint }) => `${place}: ${hint}`);
    const path = file('key', madeUp(), 0o644);
    expect(warned(path)).to.deep.equal([`ANTHROPIC_API_KEY_FILE: \`chmod o= ${path}\``]);
    chmodSync(path, 0o440);
    expect(warned(path)).to.deep.equal([]);
    const mounted = ['/run/secrets/key', '/run/secrets/kept/key', '/run/credentials/kept.service/key'];
    const ofEverybody = ['/run/kept/key', '/run/key', '/run/secrets', '/run/secrets-of-mine/key', '/srv/run/secrets/key'];
    expect([...mounted, ...ofEverybody].filter(isMountedForOne)).to.deep.equal(mounted);
  });

  it('knows a slip in the name of such a variable', () => {
    const { problems } = read({ ANTHROPIC_KEY_FILE: 'x', KEPT_API_TOKN_FILE: 'x' });
    expect(problems.map(({ place, hint }) => `${place}: ${hint}`)).to.deep.equal([
      'ANTHROPIC_KEY_FILE: did you mean "ANTHROPIC_API_KEY_FILE"?',
      'KEPT_API_TOKN_FILE: did you mean "KEPT_API_TOKEN_FILE"?',
    ]);
  });

  it('is read again with the other files', () => {
    const [first, second] = [madeUp(), madeUp()];
    file('key', first);
    const readAgain = makeReadAgain({ ANTHROPIC_API_KEY_FILE: 'key' }, directory);
    expect(readAgain().config.models.anthropic?.apiKey).to.equal(first);
    file('key', second);
    expect(readAgain().config.models.anthropic?.apiKey).to.equal(second);
  });
});
