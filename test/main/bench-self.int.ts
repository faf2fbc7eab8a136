import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { carriesOf } from '../../src/main/self-bench/sizing.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { administer, postgresServer } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';

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
    const { rows } = await administer(server.urlOf('postgres'), (client) =>
      client.query("SELECT datname FROM pg_database WHERE datname LIKE 'kept_bench_%'"),
    );
    expect(rows).to.deep.equal([]);
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
