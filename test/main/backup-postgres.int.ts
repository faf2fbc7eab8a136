import { strict as assert } from 'node:assert';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openPostgresStorage, type PostgresStorage } from '../../src/adapters/postgres/storage.ts';
import { promiseId } from '../../src/domain/index.ts';
import { backupsOf } from '../../src/main/make-backups.ts';
import { newestBackup } from '../../src/main/newest-backup.ts';
import type { Backups } from '../../src/ports/index.ts';
import { buildAuditFact, buildPromise, buildRecord, telegramChat, telegramMessage } from '../../src/testing/index.ts';
import { makeSite, type Site } from '../support/kept-process.ts';
import { administer, freshDatabase, postgresServer } from '../support/postgres.ts';
import { makeDatabase } from '../support/postgres-server.ts';
import { runKept } from '../support/run-kept.ts';
import { configOf } from '../support/site-config.ts';

/** What ends lines, quotes, or is none of Unicode's usual. */
const ODD = 'a\nb\r\nc\u2028d\u2029e"f\\g\th\u0001i 😀 \\n NULL {"k": 1.0}';
const AUTH_KEY = 'c2Vzc2lvbiBvZiBhbiBhY2NvdW50IQ==';
const PASSPHRASE = 'a long passphrase';

describe('Backups on PostgreSQL', function () {
  this.timeout(120_000);
  let site: Site;
  let from: Awaited<ReturnType<typeof freshDatabase>>;
  let storage: PostgresStorage;
  let path: string;
  const dropped: (() => Promise<void>)[] = [];

  before(async () => {
    site = await makeSite();
    from = await freshDatabase();
    storage = await openPostgresStorage({ url: from.url });
    const { stores, state } = storage;
    await stores.promises.reserveIds(7);
    await stores.promises.add([buildPromise({ description: ODD }), buildPromise({ id: promiseId(2), dependsOn: [promiseId(1)] })]);
    for (let n = 1; n <= 1_234; n++) await stores.messages.add(buildRecord({ messageId: telegramMessage(n), text: `${n} ${ODD}` }));
    await stores.audit.add([buildAuditFact(), buildAuditFact()]);
    await state('telegram').set(
      new Map([
        ['session', AUTH_KEY],
        ['pts', ODD],
      ]),
    );
    ({ path } = await backups(from.url).create(join(site.dataDir, 'backups')));
  });
  after(async () => {
    await storage.close();
    await from.drop();
    for (const drop of dropped) await drop();
    await site.remove();
  });

  const backups = (url: string, env: NodeJS.ProcessEnv = {}): Backups =>
    backupsOf(configOf({ ...site.env, KEPT_BACKUP_PASSPHRASE: PASSPHRASE, ...env, DATABASE_URL: url }, site.root), { cwd: site.root });
  const emptyDatabase = async (): Promise<string> => {
    const { url, drop } = await makeDatabase(await postgresServer(), 'template0');
    dropped.push(drop);
    return url;
  };
  const rowsOf = (url: string): Promise<Readonly<Record<string, string>>> =>
    administer(url, async (client) => {
      const { rows } = await client.query("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1");
      const all: Record<string, string> = {};
      for (const { name } of rows as { name: string }[])
        all[name] = (await client.query(`SELECT json_agg(t ORDER BY t::text)::text AS all FROM ${name} t`)).rows[0].all;
      return all;
    });

  it('bring every row of every table, and the numbers that come next', async () => {
    const url = await emptyDatabase();
    const { rows, hasSessions } = await backups(url).restore(path);
    assert.ok(rows > 1_240 && hasSessions);
    assert.deepEqual(await rowsOf(url), await rowsOf(from.url));
    const restored = await openPostgresStorage({ url });
    try {
      const { promises, messages } = restored.stores;
      assert.equal((await promises.get(promiseId(1)))?.description, ODD);
      assert.equal((await messages.get(telegramChat(501), telegramMessage(1_234)))?.message.text, `1234 ${ODD}`);
      assert.deepEqual(await promises.reserveIds(1), await storage.stores.promises.reserveIds(1));
      assert.equal(await messages.add(buildRecord({ messageId: telegramMessage(2_000) })), true);
      await restored.stores.audit.add([buildAuditFact()]);
      assert.equal(await restored.state('telegram').get('session'), AUTH_KEY);
    } finally {
      await restored.close();
    }
  });

  it('show no session without the passphrase', async () => {
    const files = await readFile(join(path, 'tables', 'key_values.jsonl.gz'));
    assert.ok(!gunzipSync(files).toString().includes(AUTH_KEY) && gunzipSync(files).toString().includes('pts'));
    const url = await emptyDatabase();
    assert.equal((await backups(url, { KEPT_BACKUP_PASSPHRASE: '' }).restore(path)).hasSessions, false);
  });

  it('count as the newest backup', async () => {
    assert.equal((await newestBackup(site.dataDir))?.isWhole, true);
  });

  it('are restored into an empty database alone, and change no other', async () => {
    const before = await rowsOf(from.url);
    await assert.rejects(backups(from.url).restore(path), /there is data already/);
    assert.deepEqual(await rowsOf(from.url), before);
  });

  it('hold one moment, while others write', async () => {
    const writing = (async () => {
      for (let n = 10; n < 60; n++)
        await storage.unitOfWork.run(async ({ promises, messages }) => {
          await messages.add(buildRecord({ messageId: telegramMessage(10_000 + n) }));
          await promises.add([buildPromise({ id: promiseId(1_000 + n) })]);
        });
    })();
    const made = await backups(from.url).create(join(site.root, 'meanwhile'));
    await writing;
    const url = await emptyDatabase();
    await backups(url).restore(made.path);
    const [found] = await administer(url, async (client) => {
      const { rows } = await client.query(`SELECT (SELECT count(*) FROM promises WHERE id > 1000)::int AS promises,
        (SELECT count(*) FROM messages WHERE message_id LIKE '%:10___')::int AS messages`);
      return rows as { promises: number; messages: number }[];
    });
    assert.equal(found?.promises, found?.messages);
  });

  it('leave nothing where a row can not be what it was', async () => {
    const copy = join(site.root, 'copy');
    await cp(path, copy, { recursive: true });
    const file = join(copy, 'tables', 'promises.jsonl.gz');
    const changed = gzipSync(
      gunzipSync(await readFile(file))
        .toString()
        .replace('a\\nb', 'a\\nB'),
    );
    await writeFile(file, changed);
    const { faults } = await backups(from.url).verify(copy);
    assert.match(faults.join(), /promises\.jsonl\.gz (was changed|has \d+ bytes)/);
    const { createHash } = await import('node:crypto');
    const manifest = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8'));
    manifest.files['tables/promises.jsonl.gz'] = { bytes: changed.length, sha256: createHash('sha256').update(changed).digest('hex') };
    await writeFile(join(copy, 'manifest.json'), JSON.stringify(manifest));
    assert.deepEqual((await backups(from.url).verify(copy)).faults, ['promises holds other rows than it held']);
    const url = await emptyDatabase();
    await assert.rejects(backups(url).restore(copy), /other rows/);
    assert.deepEqual(await rowsOf(url), {});
    await rm(copy, { recursive: true });
  });

  it('are verified without a database, and made and restored by command line', async () => {
    const verified = await runKept(site, ['backup', 'verify', path]);
    assert.match(verified.stdout, /rows of postgres/, verified.stderr);
    const created = await runKept(site, ['backup', 'create', '--json'], { env: { DATABASE_URL: from.url } });
    const { path: made } = JSON.parse(created.stdout);
    const restored = await runKept(site, ['backup', 'restore', made], { env: { DATABASE_URL: await emptyDatabase() } });
    assert.deepEqual([restored.code, restored.stderr], [0, '']);
    const nowhere = await runKept(site, ['backup', 'restore', made, '--data-dir', join(site.root, 'new')]);
    assert.match(nowhere.stderr, /name an empty database in DATABASE_URL/);
  });
});
