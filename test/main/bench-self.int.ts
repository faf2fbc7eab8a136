import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { acquireProcessLock } from '../../src/adapters/system/index.ts';
import { inTurns } from '../../src/main/self-bench/in-turns.ts';
import { measureDisk } from '../../src/main/self-bench/measure-disk.ts';
import { carriesOf } from '../../src/main/self-bench/sizing.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { administer, postgresServer } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';
import { mountSmallDisk } from '../support/small-disk.ts';

const turns = async (count: number): Promise<string> => {
  for (let at = 0; at < count; at += 1) await setImmediate();
  return 'nothing';
};

const scratchDatabases = async (): Promise<readonly string[]> => {
  const { rows } = await administer((await postgresServer()).urlOf('postgres'), (client) =>
    client.query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname LIKE 'kept_bench_%' ORDER BY 1"),
  );
  return rows.map(({ datname }) => datname);
};

interface Figures {
  readonly machine: { readonly engine: string; readonly cores: number };
  readonly disk: { readonly syncsPerSecond: number };
  readonly messages: Readonly<Record<'oneAtATime' | 'sideBySide', { readonly perSecond: number; readonly p50Ms: number }>>;
  readonly promises: { readonly perSecond: number };
  readonly carries: { readonly messagesPerSecond: number };
}

describe('The measurement of this machine', function () {
  this.timeout(120_000);
  let site: Site;
  beforeEach(async () => {
    site = await makeSite();
  });
  afterEach(() => site.remove());

  const expectFigures = (stdout: string, engine: string): void => {
    const { machine, disk, messages, promises, carries } = JSON.parse(stdout) as Figures;
    expect(machine.engine).to.equal(engine);
    expect(machine.cores).to.be.above(0);
    for (const { perSecond } of [messages.oneAtATime, messages.sideBySide, promises]) expect(perSecond).to.be.above(0);
    expect(disk.syncsPerSecond).to.be.above(0);
    expect(messages.oneAtATime.p50Ms).to.be.above(0);
    expect(carries.messagesPerSecond).to.be.below(messages.sideBySide.perSecond);
  };

  it('tells what it found, and leaves nothing behind, not even of a run that was killed', async () => {
    mkdirSync(join(site.dataDir, '.bench-killed'), { recursive: true });
    const { stdout, stderr, code } = await runKept(site, ['bench', 'self', '--seconds', '5', '--json']);
    expect(code, stderr).to.equal(0);
    expectFigures(stdout, 'sqlite');
    expect(readdirSync(site.dataDir)).to.deep.equal([]);
  });

  it('leaves alone what another run of it works with', async () => {
    const theirs = join(site.dataDir, '.bench-theirs');
    const lock = await acquireProcessLock(theirs, 'bench');
    try {
      const { stderr, code } = await runKept(site, ['bench', 'self', '--seconds', '5', '--json']);
      expect(code, stderr).to.equal(0);
      expect(readdirSync(theirs)).to.include('bench.lock');
    } finally {
      await lock.release();
    }
  });

  it('tells it in words, with what the machine can carry', async () => {
    const { stdout } = await runKept(site, ['bench', 'self', '--seconds', '5']);
    expect(stdout).to.match(/^messages of 20 people at once +[\d.,]+\/s/m);
    expect(stdout).to.match(/^ {2}[\d.,]+ messages a second: [\d,]+ people who each write once a minute$/m);
  });

  it('ends in between, and leaves nothing behind', async () => {
    const { stderr, code } = await runKept(site, ['bench', 'self'], {
      onStarted: (child) => child.stderr?.on('data', (said: Buffer) => said.includes('one at a time') && child.kill('SIGINT')),
    });
    expect(code).to.equal(130);
    expect(stderr).to.include('interrupted');
    expect(readdirSync(site.dataDir)).to.deep.equal([]);
  });

  it('refuses a time that tells nothing', async () => {
    const { stderr, code } = await runKept(site, ['bench', 'self', '--seconds', '1']);
    expect(code).to.equal(2);
    expect(stderr).to.include('a number of seconds');
  });

  it('works on a database of its own beside that of DATABASE_URL, and removes it', async () => {
    const server = await postgresServer();
    const { stdout, stderr, code } = await runKept(site, ['bench', 'self', '--seconds', '5', '--json'], {
      env: { DATABASE_URL: server.urlOf('postgres') },
    });
    expect(code, stderr).to.equal(0);
    expectFigures(stdout, 'postgres');
    expect(await scratchDatabases()).to.deep.equal([]);
  });

  it('removes the databases of runs that were killed, and leaves those that others work with, or are about to', async () => {
    const server = await postgresServer();
    const [left, used, begun, theirs] = ['kept_bench_00000001', 'kept_bench_00000002', 'kept_bench_00000003', 'kept_bench_own'];
    const asAdministrator = (sql: string) => administer(server.urlOf('postgres'), (client) => client.query(sql));
    for (const name of [left, used, begun, theirs]) await asAdministrator(`CREATE DATABASE ${name}`);
    const { stderr, code } = await administer(server.urlOf(used), () =>
      administer(`${server.urlOf('postgres')}?application_name=${begun}`, () =>
        runKept(site, ['bench', 'self', '--seconds', '5'], { env: { DATABASE_URL: server.urlOf('postgres') } }),
      ),
    );
    const after = await scratchDatabases();
    for (const name of after) await asAdministrator(`DROP DATABASE ${name} WITH (FORCE)`);
    expect(code, stderr).to.equal(0);
    expect(after).to.deep.equal([used, begun, theirs]);
  });

  it('says what to do where the user may make no database', async () => {
    const server = await postgresServer();
    const name = 'weak_one';
    await administer(server.urlOf('postgres'), (client) => client.query(`CREATE ROLE ${name} LOGIN PASSWORD 'embedded'`));
    const { stderr, code } = await runKept(site, ['bench', 'self', '--seconds', '5'], {
      env: { DATABASE_URL: server.urlOf('postgres').replace('//kept:', `//${name}:`) },
    });
    expect(code).to.equal(1);
    expect(stderr).to.include('CREATEDB').and.not.include('embedded');
  });
});

describe('The measured parts', () => {
  it('end when they are told to, also where nothing comes of what they wait for', async () => {
    const told = new AbortController();
    const ended = inTurns(2, () => new Promise(() => undefined), 60_000, told.signal);
    told.abort(new Error('told'));
    const words = ended.then(
      () => 'done',
      (error: unknown) => String(error),
    );
    expect(await Promise.race([words, turns(20)])).to.equal('Error: told');
  });

  it('write to a disk again and again in the same place', async function () {
    const dir = mkdtempSync(join(tmpdir(), 'kept-bench-'));
    const disk = await mountSmallDisk(join(dir, 'disk'), 320 * 4_096);
    if (!disk) return this.skip();
    try {
      const { syncsPerSecond } = await measureDisk(join(dir, 'disk'), 1_000, new AbortController().signal);
      // Or else it would have been full in any case.
      expect(syncsPerSecond).to.be.above(320);
    } finally {
      await disk.unmount();
      rmSync(dir, { recursive: true });
    }
  });
});

describe('What a machine can carry', () => {
  const speed = (perSecond: number) => ({ perSecond, p50Ms: 1, p95Ms: 2 });
  const rows: readonly [messages: number, promises: number, expected: ReturnType<typeof carriesOf>][] = [
    [300, 900, { messagesPerSecond: 100, peopleAMinute: 6_000, promisesPerHour: 1_080_000, isLimitedByTelegram: true }],
    [30, 3, { messagesPerSecond: 10, peopleAMinute: 600, promisesPerHour: 3_600, isLimitedByTelegram: false }],
    [0.5, 0.1, { messagesPerSecond: 0.1, peopleAMinute: 6, promisesPerHour: 120, isLimitedByTelegram: false }],
  ];
  for (const [messages, promises, expected] of rows)
    it(`is a third of ${messages} messages and ${promises} promises a second`, () =>
      expect(carriesOf({ sideBySide: speed(messages), promises: speed(promises) })).to.deep.equal(expected));
});
