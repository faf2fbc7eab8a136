import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCACertificate } from 'mockttp';
import { findTlsFault } from '../../src/adapters/http/index.ts';
import { openDataDir, SettingsError } from '../../src/main/open-data-dir.ts';
import { requireStartable } from '../../src/main/preflight.ts';
import { configOf } from '../support/site-config.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

describe('what a start looks at before it changes anything', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-preflight-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const data = (): string => join(dir, 'data');
  const starting = (env: NodeJS.ProcessEnv = {}) => requireStartable('start', configOf({ KEPT_DATA_DIR: data(), PORT: '0', ...env }, dir));
  const onPort = async (answer: RequestListener, use: (port: string) => Promise<void>): Promise<void> => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(String((server.address() as AddressInfo).port));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  };

  it('refuses a port that is taken, and makes no data directory', () =>
    onPort(
      (_request, response) => response.end('hello'),
      async (port) => {
        await assert.rejects(starting({ PORT: port }), {
          message: `port ${port} is taken: set PORT to another one, or end what listens there`,
        });
        assert.equal(existsSync(data()), false);
      },
    ));

  it('says that it is another Kept that has the port, and where its data is', () =>
    onPort(
      (_request, response) => response.end(JSON.stringify({ status: 'ok', pid: 77, storage: 'SQLite in /elsewhere/system.db' })),
      async (port) => {
        await assert.rejects(starting({ PORT: port }), /is taken: .* It is another Kept: PID 77, SQLite in \/elsewhere\/system\.db$/);
      },
    ));

  it('does not tell its API token to whoever has the port', async () => {
    const asked: (string | undefined)[] = [];
    await onPort(
      ({ headers }, response) => {
        asked.push(headers.authorization);
        response.end(JSON.stringify({ status: 'healthy' }));
      },
      (port) => assert.rejects(starting({ PORT: port, KEPT_API_TOKEN: 'x'.repeat(32) }), /is taken/),
    );
    assert.deepEqual(asked, [undefined]);
  });

  it('refuses a full disk, also for a data directory that does not exist yet', async () => {
    const disk = await mountSmallDisk(join(dir, 'disk'), 64 * 1024);
    if (!disk) return;
    try {
      disk.fill();
      for (const place of ['disk', 'disk/data']) {
        const path = join(dir, place);
        await assert.rejects(starting({ KEPT_DATA_DIR: path }), { message: `the disk of ${path} is full: make room, and start again` });
      }
      disk.makeRoom();
      await starting({ KEPT_DATA_DIR: join(dir, 'disk/data') });
    } finally {
      await disk.unmount();
    }
  });

  it('refuses an address that is not one of this machine', () =>
    assert.rejects(
      starting({ HOST: '192.0.2.1', KEPT_API_TOKEN: 'x'.repeat(32) }),
      /192\.0\.2\.1 is not an address of this machine; correct HOST/,
    ));

  it('lets a worker start whatever uses the port', () =>
    onPort(
      (_request, response) => response.end(),
      (port) => requireStartable('worker', configOf({ KEPT_DATA_DIR: data(), PORT: port }, dir)),
    ));

  it('refuses key and certificate that are swapped, strangers to each other, or neither', async () => {
    const [one, other] = (await Promise.all([generateCACertificate(), generateCACertificate()])).map(({ key, cert }) => ({
      key: Buffer.from(key),
      cert: Buffer.from(cert),
    }));
    assert.ok(one && other);
    assert.equal(findTlsFault(one), undefined);
    assert.match(findTlsFault({ key: one.cert, cert: one.key }) ?? '', /swap them/);
    assert.match(findTlsFault({ key: other.key, cert: one.cert }) ?? '', /is not that of the certificate/);
    assert.match(findTlsFault({ key: Buffer.from('x'), cert: one.cert }) ?? '', /SSL_KEYFILE holds no private key/);
    assert.match(findTlsFault({ key: one.key, cert: Buffer.from('x') }) ?? '', /SSL_CERTFILE holds no certificate/);
    const env = { SSL_KEYFILE: join(dir, 'cert.pem'), SSL_CERTFILE: join(dir, 'key.pem') };
    await writeFile(env.SSL_CERTFILE, one.key, { mode: 0o600 });
    await writeFile(env.SSL_KEYFILE, one.cert, { mode: 0o600 });
    await assert.rejects(starting(env), (error) => error instanceof SettingsError && /swap them/.test(error.message));
    assert.equal(existsSync(data()), false);
  });

  it('refuses a directory in place of a file, a dangling link, and a file in place of the log directory', async () => {
    openDataDir(data());
    const cases: readonly (readonly [string, (path: string) => Promise<unknown>, RegExp])[] = [
      ['logs', (path) => writeFile(path, ''), /logs is no directory: move it away/],
      ['logs', (path) => symlink('/nowhere/logs', path), /logs can't be written \(ENOENT/],
      ['kept.lock', (path) => mkdir(path), /kept\.lock is a directory: move it away/],
      ['system.db', (path) => mkdir(path), /system\.db is a directory: move it away/],
      ['system.db', (path) => symlink('system.db', path), /system\.db can't be written \(ELOOP/],
    ];
    for (const [name, make, words] of cases) {
      await make(join(data(), name));
      await assert.rejects(starting(), (error) => error instanceof SettingsError && words.test(error.message));
      await rm(join(data(), name), { recursive: true });
    }
  });

  // Nothing is read-only to root.
  const asOrdinaryUser = process.getuid?.() === 0 ? () => undefined : it;
  asOrdinaryUser('refuses files of the data directory that can not be written, by name', async () => {
    openDataDir(data());
    for (const name of ['system.db', 'system.db-wal', 'place', 'kept.lock']) {
      const path = join(data(), name);
      await writeFile(path, '');
      await chmod(path, 0o400);
      await assert.rejects(starting(), (error) => error instanceof SettingsError && error.message.includes(`${path} can't be written`));
      await rm(path);
    }
  });
});
