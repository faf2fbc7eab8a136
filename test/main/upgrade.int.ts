import { strict as assert } from 'node:assert';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3-13';
import { formerSqlite } from '../support/former-database.ts';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { NEXT_VERSION } from '../support/next-migrations.ts';
import { administer, freshDatabase } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';

describe('kept upgrade --check', function () {
  this.timeout(60_000);
  let site: Site;
  beforeEach(async () => {
    site = await makeSite();
  });
  afterEach(() => site.remove());
  const check = async (env: NodeJS.ProcessEnv = {}) => {
    const { code, stdout } = await runKept(site, ['upgrade', '--check', '--json'], { env });
    return { code, ...(JSON.parse(stdout) as Record<string, unknown>) } as Record<string, unknown>;
  };
  const backUp = (): void => {
    mkdirSync(join(site.dataDir, 'backups'), { recursive: true });
    const database = new Database(site.database);
    database.exec(`VACUUM INTO '${join(site.dataDir, 'backups', 'now.db')}'`);
    database.close();
  };

  it('says that there is no data yet, and makes none', async () => {
    const { error, code } = (await check()) as { code: number; error: { code: string } };
    assert.deepEqual([code, error.code], [1, 'data/missing']);
    assert.equal(existsSync(site.dataDir), false);
  });

  it('tells what the next version would change beside a running Kept, asks for a backup, and changes nothing', async () => {
    const kept = await startKept(site, 'start');
    try {
      const same = await check();
      assert.deepEqual([same.code, same.migrations, same.obstacles, same.processes], [0, [], [], 1]);
      const next = await check(NEXT_VERSION);
      const migrations = [{ name: 'Next1999999999999', phase: 'expand', words: 'what Next1999999999999 changes' }];
      assert.deepEqual([next.code, next.migrations, next.obstacles, next.leftBehind], [1, migrations, ['no-fresh-backup'], []]);
      assert.deepEqual([next.hasWayBack, next.isNew, next.processes], [true, false, 1]);
      const elsewhere = await runKept(site, ['upgrade', '--check'], { env: { ...NEXT_VERSION, KEPT_BACKUP_EVERY: 'elsewhere' } });
      assert.equal(elsewhere.code, 2);
      assert.match(elsewhere.stdout, /1 process runs on it; backups are made elsewhere: see that one is of today\.\n$/);
      backUp();
      assert.deepEqual([(await check(NEXT_VERSION)).code, (await check()).code], [2, 0]);
      const { stdout } = await runKept(site, ['upgrade', '--check'], { env: NEXT_VERSION });
      assert.match(
        stdout,
        /^A start of Kept \S+ runs 1 migration on \S+system\.db, \S+ [kM]B:\n {2}expand {4}what Next\d+ changes \(Next\d+\)\nThe version before can be started again afterwards\.\n1 process runs on it; the newest backup is of \S+\.\n$/,
      );
    } finally {
      await kept.stop();
    }
  });

  it('warns where an older database has no way back', async () => {
    mkdirSync(site.dataDir, { recursive: true });
    await formerSqlite(site.database, 'InitialTables1763769600000', []);
    const files = readdirSync(site.dataDir);
    const found = (await check()) as { code: number; hasWayBack: boolean; migrations: { phase: string }[] };
    assert.deepEqual([found.code, found.hasWayBack], [1, false]);
    assert.ok(found.migrations.some(({ phase }) => phase === 'contract'));
    const { stdout } = await runKept(site, ['upgrade', '--check']);
    assert.match(stdout, /The version before can NOT be started again afterwards, but with a backup from before\./);
    assert.deepEqual(
      readdirSync(site.dataDir).filter((name) => !files.includes(name)),
      [],
    );
  });

  it('says which version is needed where a newer one has written what this one can’t use', async () => {
    await (await startKept(site, 'start')).stop();
    const database = new Database(site.database);
    database.exec(`INSERT INTO schema_migrations (timestamp, name) VALUES (9, 'Cut9');
      INSERT INTO schema_phases (name, phase, needs, version) VALUES ('Cut9', 'contract', 'Grown8', '0.9.0')`);
    database.close();
    const { code, error } = (await check()) as { code: number; error: { code: string; message: string } };
    assert.deepEqual([code, error.code], [1, 'upgrade/newer-data']);
    assert.match(error.message, /install Kept 0\.9\.0 or newer, or restore a backup/);
  });

  it('looks at PostgreSQL, too, and knows the processes of all machines', async () => {
    const { url, drop } = await freshDatabase();
    const env = { DATABASE_URL: url };
    const kept = await startKept({ ...site, env: { ...site.env, ...env } }, 'worker');
    try {
      assert.deepEqual([(await check(env)).code, (await check({ ...env, ...NEXT_VERSION })).code], [0, 1]);
      await administer(url, (client) => client.query("DELETE FROM schema_migrations WHERE name LIKE 'IdsNameTheirGateway%'"));
      const found = (await check(env)) as { code: number; leftBehind: { pid: number }[]; obstacles: string[]; bytes: number };
      assert.deepEqual(found.obstacles, ['processes-left-behind', 'no-fresh-backup']);
      assert.deepEqual(
        found.leftBehind.map(({ pid }) => pid),
        [kept.child.pid],
      );
      assert.ok(found.bytes > 1_000_000);
    } finally {
      await kept.stop();
      await drop();
    }
  });

  it('is asked for by name, as a start does the rest', async () => {
    const { code, stderr } = await runKept(site, ['upgrade']);
    assert.equal(code, 64);
    assert.match(stderr, /upgrade --check/);
  });
});
