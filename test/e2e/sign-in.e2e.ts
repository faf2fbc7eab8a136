import { strict as assert } from 'node:assert';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { generateCACertificate } from 'mockttp';
import { until } from '../support/chat-api.ts';
import { openStream, rawRequest } from '../support/http-client.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';
import { asPage, signIn, statusOf, TOKEN } from '../support/sign-in.ts';

/** A variable holds no blanks. */
const TOKEN_OF_ENV = TOKEN.replaceAll(' ', '');

describe('a sign-in', function () {
  this.timeout(120_000);
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
  const start = async (site: Site, env: NodeJS.ProcessEnv = {}, role: 'bot' | 'start' = 'bot'): Promise<KeptProcess> => {
    const kept = await startKept({ ...site, env: { ...site.env, KEPT_API_TOKEN: TOKEN_OF_ENV, ...env } }, role);
    closers.push(() => kept.stop());
    return kept;
  };
  const makeOwnSite = async (env: NodeJS.ProcessEnv = {}): Promise<Site> => {
    const site = await makeSite(env);
    closers.push(() => site.remove());
    return site;
  };
  const holds = async ({ url }: KeptProcess, cookie: string): Promise<boolean> =>
    (await statusOf(url, 'GET', '/api/v1/promises', asPage(url, { cookie }))) === 200;

  it('outlives a process that is killed, is in the audit log, and ends with its token', async () => {
    const site = await makeOwnSite();
    // A worker seals the audit log.
    const first = await start(site, {}, 'start');
    const { cookie } = await signIn(first.url, {}, TOKEN_OF_ENV);
    assert.equal(await holds(first, cookie), true);
    const told = async (): Promise<string> => (await runKept(site, ['audit', '--kind', 'login', '--json'])).stdout;
    await until('the row of the audit log', async () => /"outcome":"accepted","address":"127\.0\.0\.1"/.test(await told()), 30_000);
    assert.ok(!(await told()).includes(TOKEN_OF_ENV));
    await first.kill();
    const second = await start(site);
    assert.equal(await holds(second, cookie), true);
    await second.stop();
    const third = await start(site, { KEPT_API_TOKEN: 'another-token-for-it' });
    assert.equal(await holds(third, cookie), false);
  });

  it('holds at a bot that stands by, and when that takes over; signed out there, it is over with its streams', async () => {
    const database = await freshDatabase();
    closers.push(() => database.drop());
    const site = await makeOwnSite({ DATABASE_URL: database.url });
    const first = await start(site, { KEPT_DATA_DIR: join(site.root, 'first') });
    const { cookie, csrf } = await signIn(first.url, {}, TOKEN_OF_ENV);
    const second = await start(site, { KEPT_DATA_DIR: join(site.root, 'second') });
    assert.ok(second.started.standsByFor);
    assert.equal(await holds(second, cookie), true);
    await first.kill();
    const leads = async (): Promise<boolean> => {
      const { body } = await rawRequest(`${second.url}/health`, { headers: asPage(second.url, { cookie }) });
      return body.includes('leads and answers');
    };
    await until('the take-over', leads, 30_000);
    const stream = await openStream(`${second.url}/api/v1/chat/stream`, asPage(second.url, { cookie }));
    assert.equal(await statusOf(second.url, 'DELETE', '/api/v1/session', asPage(second.url, { cookie, 'x-csrf-token': csrf })), 200);
    await stream.ended;
    assert.equal(await holds(second, cookie), false);
  });

  it('is given by TLS, whose certificate is renewed while the process runs', async () => {
    const site = await makeOwnSite();
    const [one, two] = await Promise.all([generateCACertificate(), generateCACertificate()]);
    const [key, cert] = [join(site.root, 'tls.key'), join(site.root, 'tls.crt')];
    const put = (pair: typeof one): void => {
      writeFileSync(`${key}.new`, pair.key, { mode: 0o600 });
      writeFileSync(`${cert}.new`, pair.cert);
      renameSync(`${key}.new`, key);
      renameSync(`${cert}.new`, cert);
    };
    put(one);
    const kept = await start(site, { SSL_KEYFILE: key, SSL_CERTFILE: cert });
    const { cookie } = await signIn(kept.url, {}, TOKEN_OF_ENV);
    assert.match(cookie, /^__Host-kept-/);
    const served = async (): Promise<string> => {
      const { hostname, port } = new URL(kept.url);
      const socket = await new Promise<TLSSocket>((resolve, reject) => {
        const opened = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => resolve(opened)).on(
          'error',
          reject,
        );
      });
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      return createHash('sha256').update(raw).digest('hex');
    };
    const printOf = (pair: typeof one): string => createHash('sha256').update(new X509Certificate(pair.cert).raw).digest('hex');
    assert.equal(await served(), printOf(one));
    // A command beside it knows the certificate, which names no address of this machine.
    const asked = { ...site, env: { ...site.env, KEPT_API_TOKEN: TOKEN_OF_ENV, SSL_KEYFILE: key, SSL_CERTFILE: cert } };
    assert.match((await runKept(asked, ['health', '--json'])).stdout, /"id": "process\.bot",\s*"status": "ok"/);
    put(two);
    await until('the renewed certificate', async () => (await served()) === printOf(two), 30_000);
    assert.equal(await holds(kept, cookie), true);
    assert.match(readFileSync(join(site.dataDir, 'logs/kept.log'), 'utf8'), /the renewed certificate is in use/);
  });
});
