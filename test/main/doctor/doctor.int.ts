import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3-13';
import { acquireProcessLock, systemClock } from '../../../src/adapters/system/index.ts';
import { type Diagnosis, isUnwell, makeRunProbes } from '../../../src/application/index.ts';
import { readProcessConfig } from '../../../src/config/index.ts';
import { staleProblems } from '../../../src/main/config-problems.ts';
import { aboutCheck, DOCTOR_CHECK_IDS } from '../../../src/main/doctor/check-list.ts';
import { makeDoctorChecks } from '../../../src/main/doctor/checks.ts';
import { sqliteSettings } from '../../../src/main/doctor/database-checks.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { type DoctorSite, openDoctorSite } from '../../support/doctor-site.ts';
import { DOCTOR_ROWS } from './doctor-rows.ts';

/** Nothing runs on the site, which is said, and is no fault that a row has made. */
const unwellIn = ({ checks }: Diagnosis): readonly string[] =>
  checks.filter((check) => isUnwell(check) && check.id !== 'process.running').map(({ id }) => id);
const lineOf = ({ checks }: Diagnosis, id: string) => checks.find((check) => check.id === id);

describe('the doctor', function () {
  this.timeout(60_000);
  let site: DoctorSite;
  before(async () => {
    site = await openDoctorSite();
  });
  after(() => site.close());

  it('finds nothing where nothing is wrong, has a row below for each of its checks, and offers no repair', async () => {
    const found = await site.examine();
    assert.deepEqual(unwellIn(found), [], JSON.stringify(found.checks.filter(isUnwell)));
    assert.deepEqual(await found.repairs(), []);
    const own = makeDoctorChecks({ ...readProcessConfig(site.env, site.dir), now: Date.now, nodeVersion: site.node });
    assert.deepEqual(own.map(({ id }) => id).toSorted(), Object.keys(DOCTOR_ROWS).toSorted());
    const ids = found.checks.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, 'ids are unique');
    for (const id of DOCTOR_CHECK_IDS) assert.ok(ids.includes(id), id);
  });

  it('says in its list which checks --fix mends, as the rows below do', () => {
    for (const id of DOCTOR_CHECK_IDS) assert.equal(aboutCheck(id).mends !== undefined, DOCTOR_ROWS[id].mends === true, id);
  });

  for (const [id, row] of Object.entries(DOCTOR_ROWS))
    it(`${id} alone turns where that is broken, and says how to mend it${row.mends ? '; --fix does' : ''}`, async () => {
      const undo = await row.breaks(site);
      try {
        const found = await site.examine();
        assert.deepEqual(unwellIn(found), [id], JSON.stringify(found.checks.filter(isUnwell)));
        const line = lineOf(found, id);
        assert.equal(line?.status, row.status);
        assert.match(line.message, row.message);
        assert.match(line.fixHint ?? '', row.hint);
        const repairs = await found.repairs();
        assert.equal(repairs.length > 0, row.mends === true);
        // A look has changed nothing.
        assert.deepEqual(unwellIn(await site.examine()), [id]);
        for (const repair of repairs) await repair.run();
        if (row.mends) assert.deepEqual(unwellIn(await site.examine()), [], 'the repair has mended it');
      } finally {
        await undo();
      }
      assert.deepEqual(unwellIn(await site.examine()), [], 'it is well again once it is mended');
    });

  for (const [id, row] of Object.entries(DOCTOR_ROWS).filter(([, { stalls }]) => stalls === 'asks PostgreSQL'))
    it(`${id} waits for PostgreSQL no longer than its limit`, async () => {
      assert.equal(row.stalls, 'asks PostgreSQL');
      const reached = Promise.withResolvers<void>();
      const silent = createServer(() => reached.resolve()).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const clock = makeFixedClock();
      const url = `postgres://kept:secret-word@127.0.0.1:${(silent.address() as AddressInfo).port}/kept`;
      const read = readProcessConfig({ ...site.env, DATABASE_URL: url }, site.dir);
      const check = makeDoctorChecks({ ...read, now: Date.now, nodeVersion: site.node }).find((one) => one.id === id);
      assert.ok(check);
      const running = makeRunProbes({ clock })([check]);
      await reached.promise;
      clock.advance(check.limitMs);
      const [reading] = await running;
      assert.equal(reading?.check.status, 'skipped', 'the probe of the database tells it');
      assert.match(reading.check.fixHint ?? '', /storage\.database/);
      silent.close();
    });

  it('does not wait for a database that somebody has locked, and leaves it to its probe', async () => {
    const holder = new Database(site.database);
    holder.pragma('locking_mode = EXCLUSIVE');
    holder.exec('BEGIN EXCLUSIVE');
    try {
      const parts = { ...readProcessConfig(site.env, site.dir), now: Date.now, nodeVersion: site.node };
      const checks = makeDoctorChecks(parts).filter(({ id }) => /^storage\.(migrations|settings)$/.test(id));
      const begunAt = performance.now();
      const readings = await makeRunProbes({ clock: systemClock })(checks);
      assert.ok(performance.now() - begunAt < 4_000);
      assert.deepEqual(
        readings.map(({ check }) => check.status),
        ['skipped', 'skipped'],
      );
    } finally {
      holder.close();
    }
  });

  it('takes a socket whose listener says nothing as alive, and leaves it', async () => {
    const path = join(site.dataDir, 'quiet.sock');
    const server = createServer((call) => call.pause()).listen(path);
    await once(server, 'listening');
    assert.equal(lineOf(await site.examine({ only: ['process.socket'] }), 'process.socket')?.status, 'ok');
    assert.ok(existsSync(path));
    await new Promise((resolve) => server.close(resolve));
  });

  it('takes a lock that nobody holds, and that has no text, for what an ordinary end leaves', async () => {
    const lock = await acquireProcessLock(site.dataDir, 'worker-stopped');
    await lock.release();
    assert.ok(existsSync(join(site.dataDir, 'worker-stopped.lock')));
    assert.deepEqual(unwellIn(await site.examine({ only: ['process'] })), []);
    await rm(join(site.dataDir, 'worker-stopped.lock'));
  });

  it('takes a directory of backups that has none that is finished for bad at once', async () => {
    const place = join(site.dataDir, 'backups');
    await mkdir(place, { mode: 0o700 });
    try {
      const line = lineOf(await site.examine({ only: ['storage.backup'] }), 'storage.backup');
      assert.deepEqual([line?.status, line?.message], ['warn', `${place} holds no backup, or only such as broke off`]);
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('takes no backup for bad where the rule of backups is off', async () => {
    const [place, rules] = [join(site.dataDir, 'backups'), join(site.dir, 'alerts.json')];
    await mkdir(place, { mode: 0o700 });
    await writeFile(rules, '{"rules": {"storage.backup": {"severity": "off"}}}', { mode: 0o600 });
    const statusOf = async () => lineOf(await site.examine({ only: ['storage.backup'] }), 'storage.backup')?.status;
    try {
      assert.equal(await statusOf(), 'ok');
      await writeFile(join(place, 'old.dump'), 'PGDMP\x01\x0e', { mode: 0o600 });
      await utimes(join(place, 'old.dump'), 1, 1);
      assert.equal(await statusOf(), 'ok');
      await rm(rules);
      assert.equal(await statusOf(), 'warn');
    } finally {
      await rm(place, { recursive: true });
      await rm(rules, { force: true });
    }
  });

  it('leaves young drafts alone: their writer may be at work', async () => {
    const path = join(site.dataDir, 'kept.json.4712');
    await writeFile(path, '', { mode: 0o600 });
    assert.equal(lineOf(await site.examine({ only: ['process.temp'] }), 'process.temp')?.status, 'ok');
    await rm(path);
  });

  it('asks only what is chosen, by id, area or family, and refuses a name that no check has', async () => {
    const ids = async (only?: string[], skip?: string[]) =>
      (await site.examine({ ...(only ? { only } : {}), ...(skip ? { skip } : {}) })).checks.map(({ id }) => id);
    assert.deepEqual(await ids(['config.env', 'system']), ['system.node', 'system.port', 'config.env']);
    assert.deepEqual(await ids(['storage'], ['storage.disk', 'storage.database']), [
      'storage.directory',
      'storage.modes',
      'storage.migrations',
      'storage.settings',
      'storage.backup',
    ]);
    await assert.rejects(site.examine({ only: ['storage.dsik'] }), /no check is called "storage\.dsik": did you mean "storage\.disk"\?/);
  });

  it('takes what was asked for by name, and could not be looked at, for no good news', async () => {
    for (const id of ['gateway.local', 'coding.agent', 'agent.telegram_chat_agent']) {
      const { checks } = await site.examine({ only: [id] });
      assert.deepEqual(
        checks.map((check) => `${check.id} ${check.status}`),
        [`${id} warn`],
      );
      assert.ok(checks[0]?.fixHint, 'how to have it is said');
      assert.equal(lineOf(await site.examine(), id)?.status, 'skipped', 'who asks for everything hears that it was not asked');
    }
    const silent = await site.examine({ only: ['process.restarts'] });
    assert.deepEqual(silent.checks, [{ id: 'process.restarts', status: 'ok', message: 'there is nothing to tell of it' }]);
  });

  it('refuses a choice of which there is nothing here, and one that leaves nothing', async () => {
    for (const [only, skip, words] of [
      [['mcp.tpyo'], [], /this installation has no "mcp\.tpyo": it is not configured, or not used here/],
      [['agent.telegram_chat_agnt'], [], /did you mean "agent\.telegram_chat_agent"\?/],
      [['gateway.telegram-rights'], [], /this installation has no "gateway\.telegram-rights"/],
      [['system', 'mcp'], [], /this installation has no "mcp"/],
      [['config'], ['config'], /--skip leaves nothing of "config"/],
      [[], [], /no check is left/],
    ] as const)
      await assert.rejects(site.examine({ only, skip }), words);
  });

  it('asks agents where it may go deep', async () => {
    const { checks } = await site.examine({ only: ['agent'], deep: true });
    assert.ok(checks.length > 0);
    assert.ok(checks.every(({ status }) => status === 'ok'));
  });

  it('tells one line of a data directory that this user may not look into', async () => {
    const mode = statSync(site.dataDir).mode & 0o777;
    await chmod(site.dir, 0o755);
    if (process.getuid?.() !== 0) await chmod(site.dataDir, 0);
    try {
      await asNobody(async () => {
        const found = await site.examine();
        assert.deepEqual(unwellIn(found), ['storage.directory'], JSON.stringify(found.checks.filter(isUnwell)));
        assert.match(lineOf(found, 'storage.directory')?.message ?? '', /EACCES/);
        assert.match(lineOf(found, 'process.lock')?.message ?? '', /not looked at: storage\.directory says why/);
        assert.deepEqual(await found.repairs(), []);
        assert.deepEqual(await staleProblems(readProcessConfig(site.env, site.dir).config), []);
      });
    } finally {
      await chmod(site.dataDir, mode);
    }
    assert.deepEqual(unwellIn(await site.examine()), []);
  });

  it('tells a new installation that nothing is there yet, and makes nothing', async () => {
    const fresh = await openDoctorSite({ started: false });
    try {
      const found = await fresh.examine();
      assert.deepEqual(unwellIn(found), []);
      assert.match(lineOf(found, 'storage.directory')?.message ?? '', /is not there yet: the first start makes it/);
      assert.equal(lineOf(found, 'storage.database')?.status, 'skipped');
      assert.ok(!existsSync(fresh.dataDir));
    } finally {
      await fresh.close();
    }
  });

  it('tells each setting of SQLite that a kept word depends on', () => {
    const well = { journalMode: 'wal', writer: { synchronous: 2, foreignKeys: true }, readerWaitMs: 5_000 };
    assert.equal(sqliteSettings('x', well).status, 'ok');
    for (const [over, words] of [
      [{ writer: { synchronous: 1, foreignKeys: true } }, /synchronous is not FULL/],
      [{ writer: { synchronous: 2, foreignKeys: false } }, /foreign keys are off/],
      [{ readerWaitMs: 0 }, /do not wait for locks/],
    ] as const) {
      const { status, message } = sqliteSettings('x', { ...well, ...over });
      assert.equal(status, 'warn');
      assert.match(message, words);
    }
  });
});
