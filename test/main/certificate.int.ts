import { createPrivateKey, X509Certificate } from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { generateCACertificate } from 'mockttp';
import type { KeptEvent } from '../../src/domain/index.ts';
import { makeCertificateWatch } from '../../src/main/certificate.ts';
import { certificateProbe } from '../../src/main/probes/certificate-probe.ts';
import { makeFixedClock } from '../../src/testing/index.ts';
import { makeScriptedApi } from '../support/http-api.ts';
import { closeAll, makeOpen } from '../support/http-client.ts';

const DAY = 24 * 60 * 60_000;

describe('A certificate that is renewed', () => {
  let first: { readonly key: string; readonly cert: string };
  let second: typeof first;
  before(async () => {
    [first, second] = await Promise.all([generateCACertificate(), generateCACertificate()]);
  });

  const closers: (() => Promise<unknown>)[] = [];
  const open = makeOpen(closers);
  afterEach(() => closeAll(closers));

  /** A server over TLS whose certificate is followed. `settled` is two looks: a change, and that it held still. */
  const site = async (pair = first, host = '127.0.0.1') => {
    const dir = mkdtempSync(join(tmpdir(), 'kept-tls-'));
    closers.push(async () => rmSync(dir, { recursive: true }));
    const files = { keyFile: join(dir, 'tls.key'), certFile: join(dir, 'tls.crt') };
    const put = ({ key, cert }: { readonly key: string; readonly cert: string }): void => {
      writeFileSync(files.keyFile, key, { mode: 0o600 });
      writeFileSync(files.certFile, cert);
    };
    put(pair);
    const scripted = makeScriptedApi();
    const server = await open({ host, tls: { key: readFileSync(files.keyFile), cert: readFileSync(files.certFile) } }, scripted);
    const events: KeptEvent[] = [];
    const watch = makeCertificateWatch({
      files,
      first: { key: Buffer.from(pair.key), cert: Buffer.from(pair.cert) },
      use: server.useTls,
      clock: makeFixedClock(),
      events: { emit: (event) => void events.push(event) },
    });
    const settled = async (): Promise<void> => {
      await watch.look();
      await watch.look();
    };
    await settled();
    const served = async (address = '127.0.0.1'): Promise<string> => {
      const { port } = new URL(server.url);
      const socket = await new Promise<TLSSocket>((resolve, reject) => {
        const opened = connect({ host: address, port: Number(port), rejectUnauthorized: false }, () => resolve(opened)).on('error', reject);
      });
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const told = () => events.map((event) => (event.type === 'http-noticed' ? event.notice : event.type));
    return { ...server, scripted, dir, files, put, watch, settled, served, events, told };
  };
  const printOf = ({ cert }: { readonly cert: string }): string => new X509Certificate(cert).fingerprint256;

  it('is taken over while hundreds of requests and some streams are open: none of them fails, and new connections get it', async () => {
    const { url, settled, served, put, told, scripted } = await site();
    const agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 20 });
    closers.push(async () => agent.destroy());
    const get = (path: string, by: Agent | false = agent) =>
      new Promise<number>((resolve, reject) => {
        request(url + path, { agent: by, rejectUnauthorized: false }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
        })
          .once('error', reject)
          .end();
      });
    const heard: string[] = [];
    const streams = Array.from({ length: 5 }, (_, n) => {
      const opened = Promise.withResolvers<void>();
      const sent = request(`${url}/api/v1/chat/stream`, { agent: false, rejectUnauthorized: false }, (answer) => {
        answer.on('data', (chunk: Buffer) => {
          opened.resolve();
          if (chunk.includes('after the renewal')) heard.push(String(n));
        });
      });
      sent.end();
      return { opened: opened.promise, leave: () => sent.destroy() };
    });
    closers.push(async () => {
      for (const stream of streams) stream.leave();
    });
    await Promise.all(streams.map(({ opened }) => opened));
    let isOver = false;
    const statuses = new Map<number, number>();
    const clients = Array.from({ length: 20 }, async (_, n) => {
      // Half of them on connections that stay, half on new ones.
      while (!isOver) {
        const status = await get('/health', n % 2 === 0 ? agent : false);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
    });
    const pairs = [second, first, second, first, second];
    for (const pair of pairs) {
      put(pair);
      await settled();
      expect(await served()).to.equal(printOf(pair));
    }
    isOver = true;
    await Promise.all(clients);
    expect([...statuses.keys()]).to.deep.equal([200]);
    expect(statuses.get(200)).to.be.greaterThan(100);
    await scripted.say('after the renewal');
    while (heard.length < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(told()).to.deep.equal(pairs.map(() => 'certificate-renewed'));
  });

  it('is found however its files are replaced, and told with the end of its validity', async () => {
    const { dir, files, settled, served, put, events, told } = await site();
    for (const [name, text] of [
      ['keyFile', second.key],
      ['certFile', second.cert],
    ] as const) {
      writeFileSync(join(dir, 'draft'), text);
      renameSync(join(dir, 'draft'), files[name]);
    }
    await settled();
    expect(await served(), 'renamed').to.equal(printOf(second));
    put(first);
    await settled();
    expect(await served(), 'in place').to.equal(printOf(first));
    // As Kubernetes does: links through a link, which is replaced.
    for (const [name, pair] of [
      ['one', first],
      ['two', second],
    ] as const) {
      mkdirSync(join(dir, name));
      writeFileSync(join(dir, name, 'tls.key'), pair.key);
      writeFileSync(join(dir, name, 'tls.crt'), pair.cert);
    }
    const swap = (name: string): void => {
      symlinkSync(name, join(dir, '..draft'));
      renameSync(join(dir, '..draft'), join(dir, '..data'));
    };
    swap('one');
    for (const file of ['tls.key', 'tls.crt']) {
      rmSync(join(dir, file));
      symlinkSync(`..data/${file}`, join(dir, file));
    }
    await settled();
    expect(told()).to.deep.equal(['certificate-renewed', 'certificate-renewed']);
    swap('two');
    await settled();
    expect(await served(), 'by a link').to.equal(printOf(second));
    const validUntil = new Date(new X509Certificate(second.cert).validTo).toISOString();
    expect(events.at(-1)).to.deep.include({ notice: 'certificate-renewed', facts: { validUntil } });
  });

  it('is not taken over while its files still change, nor told where only their times do', async () => {
    const { files, watch, settled, served, put, told } = await site();
    writeFileSync(files.certFile, second.cert.slice(0, 100));
    await watch.look();
    writeFileSync(files.certFile, second.cert);
    await watch.look();
    writeFileSync(files.keyFile, second.key);
    await watch.look();
    expect(await served()).to.equal(printOf(first));
    await watch.look();
    expect(await served()).to.equal(printOf(second));
    put(second);
    await settled();
    expect(told()).to.deep.equal(['certificate-renewed']);
  });

  it('is refused, told once with the reason, and leaves the one before in use, where the pair can not be used', async () => {
    const locked = createPrivateKey(first.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hush' });
    const older = createPrivateKey(first.key).export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hush' });
    const { files, settled, served, put, events, told } = await site();
    const broken: readonly (readonly [break_: () => void, reason: RegExp])[] = [
      [() => put({ key: second.key, cert: first.cert }), /not that of the certificate/],
      [() => put({ key: first.key, cert: first.cert.slice(0, 200) }), /holds no certificate/],
      [() => put({ key: '', cert: first.cert }), /holds no private key/],
      [() => put({ key: String(locked), cert: first.cert }), /encrypted.*openssl pkey -in KEYFILE -out PLAINFILE/],
      [() => put({ key: String(older), cert: first.cert }), /encrypted.*openssl pkey/],
      [() => put({ key: first.cert, cert: first.key }), /swap them/],
      [() => rmSync(files.certFile), /ENOENT/],
    ];
    for (const [breakIt, reason] of broken) {
      events.length = 0;
      breakIt();
      await settled();
      await settled();
      expect(told(), String(reason)).to.deep.equal(['certificate-refused']);
      const [event] = events;
      expect(event?.type === 'http-noticed' && event.facts.reason).to.match(reason);
      expect(JSON.stringify(event)).not.to.include('PRIVATE KEY-');
      expect(await served()).to.equal(printOf(first));
    }
    events.length = 0;
    put(second);
    await settled();
    expect([await served(), told()]).to.deep.equal([printOf(second), ['certificate-renewed']]);
  });

  it('reaches each address of localhost, and connections to any of them are cut at the end', async () => {
    const { lookup } = dns;
    const both = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.2', family: 4 },
    ];
    type Lookup = (host: string, options: { readonly all?: boolean }, done: (error: null, found: unknown) => void) => void;
    const mocked = mock.method(dns, 'lookup', ((host, options, done) =>
      host === 'localhost' && options.all ? done(null, both) : (lookup as Lookup)(host, options, done)) as Lookup);
    closers.push(async () => mocked.mock.restore());
    const { put, settled, served, close, url } = await site(first, 'localhost');
    expect(await served('127.0.0.2')).to.equal(printOf(first));
    put(second);
    await settled();
    expect([await served(), await served('127.0.0.2')]).to.deep.equal([printOf(second), printOf(second)]);
    const { port } = new URL(url);
    const held = connect({ host: '127.0.0.2', port: Number(port), rejectUnauthorized: false });
    await once(held, 'secureConnect');
    const ended = once(held, 'close');
    // A request whose body does not come.
    held.write('POST /api/v1/chat/messages HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n');
    held.resume();
    held.on('error', () => undefined);
    await close();
    await ended;
    await served('127.0.0.2').then(
      () => expect.fail('it still listens'),
      (error: NodeJS.ErrnoException) => expect(error.code).to.equal('ECONNREFUSED'),
    );
  });

  it('is looked at each second, until that is stopped', async () => {
    const { files, put, url, useTls, served } = await site();
    expect(url).to.match(/^https:/);
    const clock = makeFixedClock();
    const told: KeptEvent[] = [];
    const started = { key: Buffer.from(first.key), cert: Buffer.from(first.cert) };
    const watch = makeCertificateWatch({ files, first: started, use: useTls, clock, events: { emit: (event) => void told.push(event) } });
    watch.start();
    const second_ = async (): Promise<void> => {
      const before = clock.timers;
      clock.advance(1_000);
      while (clock.timers < before) await new Promise((resolve) => setImmediate(resolve));
    };
    // Also where it is renewed, in two steps, before the first look has seen anything hold still.
    await second_();
    writeFileSync(files.keyFile, second.key);
    await second_();
    await second_();
    put(second);
    await second_();
    await second_();
    expect(told.map((event) => event.type === 'http-noticed' && event.notice)).to.deep.equal([
      'certificate-refused',
      'certificate-renewed',
    ]);
    expect(await served()).to.equal(printOf(second));
    expect(told).to.have.length(2);
    await watch.stop();
    expect(clock.timers).to.equal(0);
  });

  it('is asked for by the probe from 14 days before its end, and called broken where it can not be used', async () => {
    const { files, put } = await site();
    const { validFrom, validTo } = new X509Certificate(first.cert);
    const [from, until] = [Date.parse(validFrom), Date.parse(validTo)];
    const found = async (now: number) => certificateProbe(files, { now: () => now }).probe(AbortSignal.timeout(5_000));
    expect(await found(until - 14 * DAY - 1)).to.include({ status: 'ok' });
    const soon = await found(until - 14 * DAY);
    expect(soon).to.include({ status: 'warn', where: files.certFile });
    expect(soon?.message).to.match(/valid until \d{4}-\d\d-\d\d, for another 14 d/);
    expect(soon?.fixHint).to.match(/renew it/);
    expect(await found(until - 1)).to.include({ status: 'warn' });
    expect((await found(until))?.message).to.match(/has expired on/);
    expect(await found(from - 1)).to.include({ status: 'fail' });
    put({ key: second.key, cert: first.cert });
    expect(await found(from + DAY)).to.include({ status: 'fail', fixHint: 'see SSL_KEYFILE and SSL_CERTFILE' });
    rmSync(files.keyFile);
    expect(await found(from + DAY)).to.include({ status: 'fail' });
  });
});
