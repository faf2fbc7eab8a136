import { strict as assert } from 'node:assert';
import { isUnwell } from '../../../src/application/index.ts';
import { readProcessConfig } from '../../../src/config/index.ts';
import { postgresSettings } from '../../../src/main/doctor/database-checks.ts';
import { checkLive } from '../../../src/main/live-check.ts';
import { type DoctorSite, openDoctorSite } from '../../support/doctor-site.ts';
import { administer, freshDatabase } from '../../support/postgres.ts';

describe('the doctor at PostgreSQL', function () {
  this.timeout(60_000);
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let site: DoctorSite;
  before(async () => {
    database = await freshDatabase();
    site = await openDoctorSite({ env: { DATABASE_URL: database.url } });
  });
  after(async () => {
    await site.close();
    await database.drop();
  });

  const name = (): string => new URL(database.url).pathname.slice(1);
  const run = (sql: string): Promise<unknown> => administer(database.url, (client) => client.query(sql));
  const unwell = async () => (await site.examine({ skip: ['process.clock', 'process.running'] })).checks.filter(isUnwell);

  it('tells synchronous_commit that is off, alone, and how to turn it on', async () => {
    await run(`ALTER DATABASE ${name()} SET synchronous_commit = off`);
    const found = await unwell();
    assert.deepEqual(
      found.map(({ id }) => id),
      ['storage.settings'],
    );
    assert.match(found[0]?.message ?? '', /synchronous_commit/);
    assert.match(found[0]?.fixHint ?? '', /ALTER DATABASE <name> SET synchronous_commit = on/);
    await run(`ALTER DATABASE ${name()} SET synchronous_commit = on`);
    assert.deepEqual(await unwell(), []);
  });

  it('tells tables of an older version, and of a newer one', async () => {
    await run('CREATE TABLE aside AS SELECT * FROM schema_migrations ORDER BY timestamp DESC LIMIT 1');
    await run('DELETE FROM schema_migrations WHERE timestamp = (SELECT timestamp FROM aside)');
    const line = async () => (await site.examine({ only: ['storage.migrations'] })).checks[0];
    assert.match((await line())?.message ?? '', /the tables are of an older version of Kept: 1 migration is still to run/);
    await run("INSERT INTO schema_migrations (timestamp, name) VALUES (9999999999999, 'FromTheFuture9999999999999')");
    const newer = await line();
    assert.deepEqual([newer?.status, /FromTheFuture/.test(newer?.message ?? '')], ['fail', true]);
    await run('DELETE FROM schema_migrations WHERE timestamp = 9999999999999');
    await run('INSERT INTO schema_migrations (timestamp, name) SELECT timestamp, name FROM aside; DROP TABLE aside');
    assert.equal((await line())?.status, 'ok');
  });

  it('tells a database without tables from that of an older version, as config check --live does', async () => {
    const empty = await freshDatabase();
    await administer(empty.url, (client) => client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public'));
    const fresh = await openDoctorSite({ started: false, env: { DATABASE_URL: empty.url } });
    try {
      const line = (await fresh.examine({ only: ['storage.migrations'] })).checks[0];
      assert.deepEqual([line?.status, line?.message], ['warn', 'there are no tables yet']);
      const { config } = readProcessConfig(fresh.env, fresh.dir);
      const live = (await checkLive(config)).find((one) => one.name === 'database');
      assert.equal(live?.ok, true);
      assert.match(live?.detail ?? '', /^answers, PostgreSQL \d+.*; there are no tables yet$/);
    } finally {
      await fresh.close();
      await empty.drop();
    }
  });

  it('takes a server for too old that Kept does not run on', () => {
    const well = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };
    assert.equal(postgresSettings({ ...well, server_version: '13.1' }).status, 'ok');
    const old = postgresSettings({ ...well, server_version: '12.20 (Debian)' });
    assert.deepEqual([old.status, old.message], ['fail', 'PostgreSQL 12.20 (Debian) is too old: 13 or newer is needed']);
  });

  it('leaves a server that can not be reached to the probe of the database', async () => {
    const away = await openDoctorSite({ started: false, env: { DATABASE_URL: 'postgres://kept@127.0.0.1:1/kept' } });
    try {
      const found = await away.examine({ only: ['storage'], skip: ['storage.disk'] });
      assert.deepEqual(
        found.checks.filter(isUnwell).map(({ id }) => id),
        ['storage.database'],
      );
    } finally {
      await away.close();
    }
  });

  it('names each setting that is off', () => {
    const well = { server_version: '17', fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' };
    assert.equal(postgresSettings(well).status, 'ok');
    for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit']) {
      const { status, message } = postgresSettings({ ...well, [setting]: 'off' });
      assert.deepEqual([status, message.startsWith(`${setting} is off`)], ['warn', true]);
    }
  });
});
