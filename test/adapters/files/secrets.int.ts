import { generateKeyPairSync } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { keptIdentities } from '../../../src/adapters/files/kept-files.ts';
import { isPortError } from '../../../src/ports/index.ts';

/** Of no shape that is known: only where it stands keeps it. */
const PLANTED = 'the planted words';
const KNOWN = 'open-sesame-and-more-4711';

describe('Files of secrets in a workspace', () => {
  const { signal } = new AbortController();
  let base: string;
  let root: string;
  let files: ReturnType<typeof makeWorkspaceFiles>;
  const write = (path: string, text = `${PLANTED}\n`): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = async (path: string, offset = 0, maxBytes = 1000): Promise<string> => {
    try {
      return (await files.read(root, path, { offset, maxBytes, signal })).text;
    } catch (error) {
      if (!isPortError(error)) throw error;
      return `${error.code}: ${error.message}`;
    }
  };
  const search = async (pattern: string, path = '.') =>
    (await files.search(root, path, { pattern, ignoreCase: true, limit: 100 }, { signal })).matches;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'kept-secrets-'));
    root = join(base, 'root');
    mkdirSync(join(root, 'data'), { recursive: true });
    writeFileSync(join(base, 'own.env'), `${PLANTED}\n`);
    files = makeWorkspaceFiles({ hidden: [join(root, 'data'), join(base, 'own.env')], secrets: [KNOWN] });
  });
  afterEach(() => rmSync(base, { recursive: true }));

  it('shows a new file that has the identity of one that was hidden a moment ago', async () => {
    write('data/chats.db', 'what others say');
    linkSync(join(root, 'data/chats.db'), join(root, 'link.txt'));
    expect(await read('link.txt')).to.include('is kept from agents');
    // The file system gives a new file what identifies the one that is gone: here, it is moved.
    renameSync(join(root, 'data/chats.db'), join(root, 'plan.txt'));
    writeFileSync(join(root, 'plan.txt'), 'a plan');
    expect(await read('plan.txt')).to.equal('a plan');
  });

  const names = [
    ...['.env', '.ENV', '.Env.Local', '.env~', '.env-prod', '.envrc', 'prod.env', 'env', '.env.bak', '.env.swp', '.prod.env.swp'],
    ...['inbox/501/7-.env', 'inbox/-1001/12-.npmrc', '7-id_ed25519', '7-.env (1)', '0001-token'],
    ...['#.env#', '.#.env', '.env (1)', '.env copy', '.env.', '.env ', '\uff0eenv', '.e\u200bnv', '.env.production.local', 'app/.env.old'],
    ...['.npmrc', '.netrc', '_netrc', '.pgpass', '.my.cnf', '.aws/credentials', '.AWS/config', '.docker/config.json', '.kube/config'],
    ...['.git-credentials', '.ssh/config', '.ssh/id_rsa', 'id_ed25519', 'id_rsa.bak', 'server.pem', 'tls.KEY', 'a.p12', 'a.pfx', 'a.jks'],
    ...['vault.kdbx', '.mcp.json', '.pypirc', '.htpasswd', '.gnupg/x', '.config/gcloud/application_default_credentials.json'],
    ...['application_default_credentials.json', 'service-account-prod.json', 'terraform.tfstate', 'terraform.tfstate.backup', 'x.tfvars'],
    ...['secrets.yml', 'secrets.yaml', 'credentials.json', '.vault-token', '.config/gh/hosts.yml', '.cargo/credentials.toml'],
    ...['.gem/credentials', '.yarnrc.yml', '.terraformrc', '.composer/auth.json', 'wp-config.php', '.bash_history', 'bot.session'],
    ...[
      '.\u0435nv',
      '.e\u0301nv',
      '.env:stream',
      'env.local',
      '.env.d/x',
      '.envs/.production/app',
      'env.sh',
      '.envfile',
      '.dev.vars.production',
    ],
    ...['.secrets/a', 'secrets/db_password', 'run/secrets/api.yaml', 'local.settings.json', 'key.properties', 'kubeconfig.yaml'],
    ...['ssh_host_rsa_key', 'private-key.txt', 'wallet.dat', 'login.keychain-db', 'key4.db', 'logins.json', 'cookies.txt', 'wg0.conf'],
    ...[
      'pip.conf',
      '.databrickscfg',
      '.sentryclirc',
      'kaggle.json',
      'oauth_creds.json',
      'rootkey.csv',
      'token',
      'api_key.txt',
      'token.pickle',
    ],
    ...['passwords.txt', 'htpasswd', '.config/ngrok/ngrok.yml', '.config/hcloud/cli.toml', '.fly/config.yml', '.cache/huggingface/token'],
    ...[
      '.subversion/auth/svn.simple/a',
      '.snowsql/config',
      '.local/share/keyrings/login',
      '.sops/age/keys.txt',
      'fish_history',
      'filezilla.xml',
    ],
    ...['client_secret_1.json', 'a/b/.dev.vars', '.claude/.credentials.json', 'master.key'],
  ];

  it('are kept by their names, in any case and spelling, as copies and in their directories', async () => {
    for (const name of names) write(name);
    for (const name of names) expect(await read(name), name).to.match(/^invalid-request: .*kept from agents/);
    expect(await search('planted')).to.deep.equal([]);
    for (const name of ['.ssh', 'app/../.aws', '.env'])
      expect(await search('planted', name).catch((error: unknown) => error), name).to.satisfy(isPortError);
  });

  it('leaves examples, public keys and code with such words in its name for reading', async () => {
    const open = ['.env.example', '.env.sample', 'config/.env.template', 'env.ts', 'src/environment.ts', 'src/env/index.ts', 'keys.ts'];
    open.push(
      'id_rsa.pub',
      'secrets.ts',
      'docs/secrets.md',
      'monkey.txt',
      'tokens.json',
      'credentials.ts',
      'docker/config.json',
      'token.ts',
      'src/secrets/index.ts',
      'environment.yml',
      'password.md',
      'seed.txt',
    );
    for (const name of open) write(name);
    for (const name of open) expect(await read(name), name).to.equal(`${PLANTED}\n`);
    expect(await search('planted')).to.have.length(open.length);
    expect((await files.list(root, 'src/env', { limit: 9, signal })).entries).to.have.length(1);
  });

  it('are looked for in a large directory in small parts, so that others have their turn', async () => {
    mkdirSync(join(root, 'many'));
    for (let i = 0; i < 3_000; i++) linkSync(join(base, 'own.env'), join(root, 'many', `${i}.txt`));
    /** How much of the time others had to wait at one stretch. */
    const longestShare = async (): Promise<number> => {
      const from = performance.now();
      let [longest, last] = [0, from];
      const tick = (): void => {
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
        ticking = setImmediate(tick);
      };
      let ticking = setImmediate(tick);
      await keptIdentities(root, []);
      clearImmediate(ticking);
      return longest / (performance.now() - from);
    };
    // Other work of the machine may hold up a try.
    const shares: number[] = [];
    for (let i = 0; i < 10; i++) shares.push(await longestShare());
    expect(shares.toSorted((a, b) => a - b)[4]).to.be.lessThan(0.45);
  });

  it('are kept when a link has their name, when a link leads to them, and whatever a hard link calls them', async () => {
    write('shared/settings');
    write('shared/deep/real.txt');
    write('app/.env');
    symlinkSync('shared/settings', join(root, '.env'));
    symlinkSync('shared/deep', join(root, '.aws'));
    symlinkSync('app/.env', join(root, 'notes.txt'));
    linkSync(join(root, 'app/.env'), join(root, 'other.txt'));
    linkSync(join(base, 'own.env'), join(root, 'own.txt'));
    write('data/deep/chats.txt');
    linkSync(join(root, 'data/deep/chats.txt'), join(root, 'chats.txt'));
    for (const path of [
      '.env',
      '.aws/real.txt',
      'notes.txt',
      'shared/settings',
      'shared/deep/real.txt',
      'other.txt',
      'own.txt',
      'chats.txt',
    ])
      expect(await read(path), path).to.match(/^invalid-request: .*kept from agents/);
    for (const path of ['.', 'shared', 'shared/deep', 'other.txt']) expect(await search('planted', path), path).to.deep.equal([]);
  });

  it('are kept as a whole where they hold a private key, by every part and every pattern', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    write('notes.txt', `before\n${pem}after\n`);
    write('account.json.txt', JSON.stringify({ key: pem, name: 'x' }));
    write('large.txt', `${'words and more words\n'.repeat(40_000)}${pem}`);
    for (const path of ['notes.txt', 'account.json.txt', 'large.txt'])
      for (const offset of [0, 8, 30, 60, 100]) expect(await read(path, offset), path).to.include('holds a private key');
    const bytes = await files.readBytes(root, 'notes.txt', { maxBytes: 8, signal }).catch((error: Error) => error.message);
    expect(bytes).to.include('holds a private key');
    expect(await search('^[A-Za-z0-9+/]{20,}={0,2}$')).to.deep.equal([]);
    expect(await search('MIG|before|after|PRIVATE')).to.deep.equal([]);
  });

  it('give no part of a secret for any offset, length or pattern', async () => {
    const token = ['gh', 'p_', 'a1B2c3D4e5'.repeat(4)].join('');
    write('notes.txt', `first line\nthe key is ${KNOWN} and ${token} here\npassword: hunter2hunter2\nlast line\n`);
    for (let offset = 0; offset < 140; offset += 3)
      for (const maxBytes of [7, 40, 1000]) {
        const text = await read('notes.txt', offset, maxBytes);
        for (const part of ['sesame', '4711', 'B2c3', 'D4e5', 'hunter']) expect(text, `${offset}+${maxBytes}`).not.to.include(part);
      }
    for (const pattern of ['sesame', 'open-s.*|first', 'the key is o', 'is [a-p]', 'B2c3', '^password: h', '.{10}and more'])
      for (const { text } of await search(pattern)) expect(text, pattern).to.match(/^first line$/);
    expect(await search('the key')).to.deep.equal([{ path: 'notes.txt', line: 2, text: 'the key is [redacted] and [redacted] here' }]);
    expect((await search('last line'))[0]?.line).to.equal(4);
  });

  it('give whole lines and places to read on from, as they stand in the file', async () => {
    write('notes.txt', `a ${KNOWN} b\n`);
    const all = await files.read(root, 'notes.txt', { offset: 0, maxBytes: 1000, signal });
    expect(all).to.deep.equal({ text: 'a [redacted] b\n', sizeBytes: KNOWN.length + 5, endOffset: KNOWN.length + 5, truncated: false });
    const part = await files.read(root, 'notes.txt', { offset: 10, maxBytes: 5, signal });
    expect(part).to.deep.equal({ text: '[redacted]', sizeBytes: KNOWN.length + 5, endOffset: 15, truncated: true });
  });
});
