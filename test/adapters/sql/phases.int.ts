import { strict as assert } from 'node:assert';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3-13';
import type { QueryRunner } from 'typeorm';
import { MIGRATIONS as POSTGRES } from '../../../src/adapters/postgres/migrations/index.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import type { Migration } from '../../../src/adapters/sql/migrations.ts';
import { MIGRATIONS as SQLITE } from '../../../src/adapters/sqlite/migrations/index.ts';
import { openSqliteStorage } from '../../../src/adapters/sqlite/storage.ts';
import type { Stores } from '../../../src/ports/index.ts';
import { buildRecord, telegramMessage } from '../../../src/testing/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { asVersionWith, NEXT, plantedMigration } from '../../support/next-migrations.ts';
import { administer, freshDatabase } from '../../support/postgres.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { inDirectory } from '../../support/sqlite-storage.ts';

interface Opened {
  readonly stores: Stores;
  close(): Promise<void>;
}

interface TestedEngine {
  readonly migrations: Migration[];
  /** Runs `use` with a place for a database. */
  within(use: (place: string) => Promise<void>): Promise<void>;
  open(place: string, version: string): Promise<Opened>;
  /** Everything that the tables are, and which migrations were run. */
  schema(place: string): Promise<unknown>;
}

const POSTGRES_SCHEMA = `SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'
  UNION ALL SELECT name, 'migration', '' FROM schema_migrations UNION ALL SELECT name, phase, version FROM schema_phases ORDER BY 1, 2`;

const ENGINES: Readonly<Record<string, TestedEngine>> = {
  SQLite: {
    migrations: SQLITE,
    within: (use) => inDirectory((dir) => use(`${dir}/system.db`)),
    open: (path, version) => openSqliteStorage({ path, version }),
    schema: async (path) => {
      const database = new Database(path, { readonly: true });
      const all = (sql: string) => (database.prepare(sql) as unknown as { all(): unknown[] }).all();
      const found = [...all('SELECT name, sql FROM sqlite_master ORDER BY name'), ...all('SELECT * FROM schema_phases ORDER BY name')];
      const names = all('SELECT name FROM schema_migrations ORDER BY name');
      database.close();
      return [...found, ...names];
    },
  },
  PostgreSQL: {
    migrations: POSTGRES,
    within: async (use) => {
      const { url, drop } = await freshDatabase();
      await use(url);
      await drop();
    },
    open: (url, version) => openPostgresStorage({ url, version }),
    schema: (url) => administer(url, async (client) => (await client.query(POSTGRES_SCHEMA)).rows),
  },
};

const GROWN = plantedMigration('Grown1999999999991', 'expand', ['ALTER TABLE messages ADD COLUMN grown TEXT']);
const CUT = plantedMigration('Cut1999999999992', 'contract', ['ALTER TABLE messages DROP COLUMN grown'], GROWN.name);
const BROKEN = plantedMigration('Broken1999999999993', 'expand', [
  'CREATE TABLE half_done (id INTEGER)',
  'ALTER TABLE messages ADD COLUMN half_done TEXT',
  'ALTER TABLE no_such_table ADD COLUMN half_done TEXT',
]);

for (const [name, { migrations, within, open, schema }] of Object.entries(ENGINES))
  describe(`Versions of Kept on one database in ${name}`, function () {
    this.timeout(60_000);
    const opensAs = async (place: string, added: readonly Migration[], version: string): Promise<void> =>
      asVersionWith(migrations, added, async () => (await open(place, version)).close());
    const writes = async (place: string, version: string, id: number): Promise<number> => {
      const { stores, close } = await open(place, version);
      await stores.messages.add(buildRecord({ messageId: telegramMessage(id) }));
      const count = (await stores.messages.stats()).open;
      await close();
      return count;
    };

    it('go back and forth over an expansion: the older one works with what the newer one has written', () =>
      within(async (place) => {
        assert.equal(await writes(place, '0.1.0', 1), 1);
        assert.equal(await asVersionWith(migrations, [NEXT], () => writes(place, '0.2.0', 2)), 2);
        assert.equal(await writes(place, '0.1.0', 3), 3);
        const grown = await schema(place);
        assert.equal(await asVersionWith(migrations, [NEXT], () => writes(place, '0.2.0', 4)), 4);
        assert.deepEqual(await schema(place), grown);
      }));

    it('run side by side while the newer one grows the tables', () =>
      within(async (place) => {
        const older = await open(place, '0.1.0');
        for (const id of [1, 2, 3]) await older.stores.messages.add(buildRecord({ messageId: telegramMessage(id) }));
        const before = await older.stores.messages.stats();
        const newer = await asVersionWith(migrations, [NEXT], () => open(place, '0.2.0'));
        await Promise.all([older, newer].map(({ stores }, i) => stores.messages.add(buildRecord({ messageId: telegramMessage(10 + i) }))));
        for (const { stores } of [older, newer]) assert.equal((await stores.messages.stats()).open, before.open + 2);
        await Promise.all([older.close(), newer.close()]);
      }));

    it('part at a contraction: who knows its expansion goes on, who does not is refused, and told which version can', () =>
      within(async (place) => {
        await opensAs(place, [], '0.1.0');
        await opensAs(place, [GROWN, CUT], '0.3.0');
        const cut = await schema(place);
        await opensAs(place, [GROWN], '0.2.0');
        const error = await failureOf(open(place, '0.1.0'));
        assert.deepEqual([error.code, error.retryable], ['invalid-request', false]);
        assert.match(
          error.message,
          /newer version of Kept \(its tables have Cut\d+\), and this version can't use it; install Kept 0\.3\.0 or newer/,
        );
        assert.deepEqual(await schema(place), cut);
      }));

    it('are told where others live that can’t work with a contraction, and change nothing until these have stopped', () =>
      within(async (place) => {
        const older = await open(place, '0.1.0');
        const identity = {
          id: 'alpha/1',
          role: 'worker',
          host: 'alpha',
          pid: 1,
          version: '0.1.0',
          dataDir: '/data',
          startedAt: Date.now(),
        };
        const work = { phase: 'running', promises: [], promiseCount: 0, answering: 0 } as const;
        await older.stores.processes.beat({ ...identity, heartbeatAt: Date.now(), work });
        await opensAs(place, [GROWN], '0.2.0');
        const before = await schema(place);
        const error = await failureOf(opensAs(place, [GROWN, CUT], '0.3.0'));
        assert.match(error.message, /in use by processes that can't work with .*: worker 0\.1\.0 on alpha \(PID 1\); stop them first/);
        assert.deepEqual(await schema(place), before);
        await older.stores.processes.stop(identity.id, Date.now());
        await opensAs(place, [GROWN, CUT], '0.3.0');
        await older.close();
      }));

    it('leave everything as it was where a migration fails, name it, and go on once it is mended', () =>
      within(async (place) => {
        assert.equal(await writes(place, '0.1.0', 1), 1);
        const before = await schema(place);
        const error = await failureOf(opensAs(place, [GROWN, BROKEN], '0.2.0'));
        assert.match(error.message, /no_such_table.* \(in the migration Broken1999999999993; the tables are as they were\)$/);
        assert.deepEqual(await schema(place), before);
        assert.equal(await writes(place, '0.1.0', 2), 2);
        await opensAs(place, [GROWN], '0.2.0');
      }));

    it('that start together migrate once', () =>
      within(async (place) => {
        await opensAs(place, [], '0.1.0');
        let runs = 0;
        const counted = plantedMigration('Counted1999999999994', 'expand', async (runner: QueryRunner) => {
          runs++;
          await runner.query('CREATE TABLE counted (id INTEGER)');
        });
        await asVersionWith(migrations, [counted], async () => {
          const all = await Promise.all([1, 2, 3, 4].map(() => open(place, '0.2.0')));
          await Promise.all(all.map(({ close }) => close()));
        });
        assert.equal(runs, 1);
      }));
  });

describe('A migration that meets others', function () {
  this.timeout(60_000);

  it('leaves a database on a full disk as it was, and runs once there is room', async () => {
    await inDirectory(async (dir) => {
      const disk = await mountSmallDisk(`${dir}/disk`, 8 * 1024 ** 2);
      // Where nobody may mount a disk, as in a container, this can't be tried.
      if (!disk) return;
      const { open, schema } = ENGINES.SQLite as TestedEngine;
      const path = `${dir}/disk/system.db`;
      try {
        await (await open(path, '0.1.0')).close();
        const before = await schema(path);
        const large = plantedMigration('Large1999999999995', 'expand', async (runner: QueryRunner) => {
          await runner.query('CREATE TABLE large (what TEXT)');
          for (let i = 0; i < 64; i++) await runner.query('INSERT INTO large (what) VALUES (?)', [randomBytes(32 * 1024).toString('hex')]);
        });
        disk.fill();
        const error = await failureOf(asVersionWith(SQLITE, [large], async () => (await open(path, '0.2.0')).close()));
        assert.equal(error.code, 'storage-full');
        disk.makeRoom();
        assert.deepEqual(await schema(path), before);
        await asVersionWith(SQLITE, [large], async () => (await open(path, '0.2.0')).close());
      } finally {
        await disk.unmount();
      }
    });
  });

  it('waits in PostgreSQL for who holds a table, and lets others pass meanwhile', async () => {
    const { url, drop } = await freshDatabase();
    const older = await openPostgresStorage({ url });
    await administer(url, async (client) => {
      await client.query('BEGIN');
      await client.query('LOCK TABLE messages IN ROW EXCLUSIVE MODE');
      const newer = asVersionWith(POSTGRES, [NEXT], async () => (await openPostgresStorage({ url })).close());
      const isBehind = async (): Promise<boolean> => {
        const { rows } = await client.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'messages'::regclass");
        return rows.length > 0;
      };
      while (!(await isBehind())) await wait(10);
      const began = performance.now();
      await older.stores.messages.add(buildRecord({ messageId: telegramMessage(1) }));
      assert.ok(performance.now() - began < 2_500, `others wait ${performance.now() - began} ms`);
      await client.query('COMMIT');
      await newer;
    });
    await older.close();
    await drop();
  });
});

/** What takes something away from code that does not know of it. */
const CONTRACTS =
  /\bDROP (TABLE|COLUMN)\b|\bRENAME\b|\bSET NOT NULL\b|\bALTER COLUMN \w+ TYPE\b|\bADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b/is;

describe('The migrations', () => {
  for (const [name, { migrations }] of Object.entries(ENGINES)) {
    it(`of ${name} say each what they change, and in which phase: an expansion takes nothing away`, async () => {
      for (const Migration of migrations) {
        assert.match(Migration.words, /^[\w][^\n.]{5,90}$/, Migration.name);
        const asked: string[] = [];
        const runner = { query: async (sql: string) => void asked.push(sql) } as unknown as QueryRunner;
        await new Migration().up(runner).catch(() => undefined);
        assert.ok(asked.length > 0, `${Migration.name} asks for nothing`);
        const takes = asked.filter((sql) => CONTRACTS.test(sql));
        if (Migration.phase === 'expand') assert.deepEqual(takes, [], Migration.name);
      }
    });

    it(`of ${name} stand in the order of their time stamps, each contraction behind the expansion that it names`, () => {
      const stamps = migrations.map((each) => Number(each.name.slice(-13)));
      assert.deepEqual(
        stamps,
        stamps.toSorted((a, b) => a - b),
      );
      for (const [i, { needs }] of migrations.entries())
        if (needs !== undefined)
          assert.ok(
            migrations.slice(0, i).some((each) => each.name === needs),
            needs,
          );
    });
  }
});
