import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildProcess } from '../../src/testing/index.ts';
import type { Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { makeStoredSite } from '../support/stored-site.ts';

const MINUTE = 60_000;

/** A place where nothing runs, and the register of others that use its database. */
const openSite = (): Promise<Site> =>
  makeStoredSite(async (stores, site) => {
    const now = Date.now();
    const add = (id: string, of: Parameters<typeof buildProcess>[1]) =>
      stores.processes.beat(buildProcess(id, { startedAt: now - 30 * MINUTE, heartbeatAt: now, ...of }));
    const idle = { phase: 'running', promises: [], promiseCount: 0, answering: 0 } as const;
    await add('beta/7/x', { host: 'beta', role: 'bot', pid: 7, work: { ...idle, standing: 'leads', answering: 1 } });
    await add('gamma/8/y', { host: 'gamma', pid: 8, heartbeatAt: now - 5 * MINUTE });
    await add('killed', { host: hostname(), dataDir: site.dataDir, pid: 9, heartbeatAt: now - 1_000 });
  });

describe('Status by command line', function () {
  this.timeout(60_000);
  let site: Site;
  before(async () => {
    site = await openSite();
  });
  after(() => site.remove());

  it('shows who leads on another machine, who is silent, and what was killed here; a bot elsewhere is a bot', async () => {
    const { stdout, code } = await runKept(site, ['status']);
    const lines = stdout.trimEnd().split('\n');
    expect(code).to.equal(0);
    expect(lines[0]).to.match(
      /^bot on beta \(PID 7\), since 20[^ ]+Z; version 1\.2\.3, leads, answers 1 chat(, as it said [\d.]+ s ago)?$/,
    );
    expect(lines[1]).to.match(/^worker \(PID 9\): silent since 20[^ ]+Z; it ended without a stop$/);
    expect(lines[2]).to.match(
      /^worker on gamma \(PID 8\): silent since 20[^ ]+Z; it was killed, is suspended, or is cut off from the database$/,
    );
    expect(lines[3]).to.equal(`Nothing is running on ${site.dataDir}.`);
  });

  it('has the same as JSON, beside what it had', async () => {
    const { stdout } = await runKept(site, ['status', '--json']);
    const { running, dataDir, processes, register, restarts, leader } = JSON.parse(stdout) as {
      running: boolean;
      dataDir: string;
      processes: unknown[];
      register: { id: string; vitality: string; isHere: boolean; heartbeatAt: string; standing?: string }[];
      restarts: unknown[];
      leader: string;
    };
    expect({ running, dataDir, processes, restarts, leader }).to.deep.equal({
      running: true,
      dataDir: site.dataDir,
      processes: [],
      restarts: [],
      leader: 'beta/7/x',
    });
    expect(register.map(({ id, vitality, isHere, standing }) => [id, vitality, isHere, standing])).to.deep.equal([
      ['beta/7/x', 'alive', false, 'leads'],
      ['killed', 'silent', true, undefined],
      ['gamma/8/y', 'silent', false, undefined],
    ]);
    expect(Date.parse(register[0]?.heartbeatAt ?? '')).to.be.closeTo(Date.now(), 60_000);
  });

  it('judges restarts by the rule of alerts, as it is configured', async () => {
    const rule = join(site.root, 'alerts.json');
    const looping = /began and broke off/;
    expect((await runKept(site, ['status'])).stdout).not.to.match(looping);
    try {
      writeFileSync(rule, JSON.stringify({ rules: { 'process.restarts': { threshold: 0, window: '2h' } } }));
      expect((await runKept(site, ['status'])).stdout).to.include(
        'worker on gamma began and broke off 1 time within 2 h: its log says why',
      );
      const { restarts, restartsWithinMs } = JSON.parse((await runKept(site, ['status', '--json'])).stdout);
      expect([restarts.length, restartsWithinMs]).to.deep.equal([1, 120 * MINUTE]);
      writeFileSync(rule, JSON.stringify({ rules: { 'process.restarts': { threshold: 0, window: '2h', severity: 'off' } } }));
      expect((await runKept(site, ['status'])).stdout).not.to.match(looping);
    } finally {
      rmSync(rule, { force: true });
    }
  });

  it('says why the register can not be read, also where the database takes the connection and says nothing', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const { port } = silent.address() as { port: number };
      const DATABASE_URL = `postgres://kept:pa55-of-kept@127.0.0.1:${port}/kept`;
      const { stdout, stderr, code } = await runKept(site, ['status'], { env: { DATABASE_URL } });
      expect([code, stderr]).to.deep.equal([1, '']);
      expect(stdout).to.match(/^The register of processes can't be read: [^\n]*\nNothing is running on /);
      expect(stdout).not.to.contain('pa55-of-kept');
    } finally {
      silent.close();
    }
  });
});
