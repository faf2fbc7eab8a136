import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { connect } from '../../../src/adapters/postgres/connection.ts';
import { scrub } from '../../../src/adapters/postgres/scrub.ts';
import { PERSONAL_TABLES } from '../../../src/adapters/sql/personal-tables.ts';
import type { PersonalData, Storage } from '../../../src/ports/index.ts';
import { buildPromise, START } from '../../../src/testing/index.ts';
import { openBossStorage } from '../../support/boss-storage.ts';
import { canariesIn, canariesOf, canary, PEOPLE, personOf, plant } from '../../support/canaries.ts';
import { administer, freshDatabase } from '../../support/postgres.ts';
import { withStorage } from '../../support/sqlite-storage.ts';

const PERSON = 3;
const OTHERS = Array.from({ length: PEOPLE }, (_, person) => person).filter((person) => person !== PERSON);

const missingIn = (bytes: Buffer, person: number): readonly string[] => {
  const found = new Set(canariesIn(bytes, person));
  return canariesOf(person).filter((word) => !found.has(word));
};

type Subject = Storage & { readonly personalData: PersonalData };

/** Plants all canaries, forgets one person, and looks at every byte that the engine keeps. */
const forgetOne = async (storage: Subject, bytes: () => Promise<Buffer>): Promise<void> => {
  for (let person = 0; person < PEOPLE; person++) await plant(storage, person);
  const before = await bytes();
  assert.deepEqual(missingIn(before, PERSON), [], 'planted');
  const { personalData } = storage;
  const echo = await personalData.echoOf(personOf(PERSON));
  const erased = await personalData.erase(personOf(PERSON), echo, START + 1_000);
  assert.deepEqual(await personalData.erase(personOf(PERSON), echo, START + 1_000), {}, 'a repeat finds nothing');
  await personalData.scrub();
  const after = await bytes();
  assert.deepEqual(canariesIn(after, PERSON), [], 'left');
  assert.ok(before.includes(`canary${PERSON}x`) && !after.includes(`canary${PERSON}x`), 'not even the beginning of one');
  for (const other of OTHERS) assert.deepEqual(missingIn(after, other), [], `lost of ${other}`);
  assert.ok((erased.messages ?? 0) > 40, JSON.stringify(erased));
  assert.deepEqual((await personalData.survey(personOf(PERSON), echo)).counts, {});
};

describe('personal data: 100 canaries of one person among ten', function () {
  this.timeout(60_000);

  it('leaves none in the pages and the WAL of SQLite, and all of the others', () =>
    withStorage((storage) =>
      forgetOne(storage, async () => Buffer.concat(await Promise.all(['', '-wal'].map((end) => readFile(`${storage.path}${end}`))))),
    ));

  it('leaves none in the pages of PostgreSQL, and all of the others', async () => {
    const database = await freshDatabase();
    const storage = await openBossStorage(database.url);
    try {
      await forgetOne(storage, () => pagesOf(database.url));
    } finally {
      await storage.close();
      await database.drop();
    }
  });

  it('lets everybody use PostgreSQL while a reader stays, and tells what is left to write', async () => {
    const { url, drop } = await freshDatabase();
    const connection = await connect({ url }, 4);
    const storage = await openBossStorage(url);
    const reader = connection.newClient();
    try {
      await reader.connect();
      await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await reader.query('SELECT count(*) FROM messages');
      const scrubbed = scrub(connection, { readersMs: 100, patienceMs: 1_500 });
      let longestMs = 0;
      let isDone = false;
      void scrubbed.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        const since = performance.now();
        await connection.pool.query('SELECT count(*) FROM messages');
        longestMs = Math.max(longestMs, performance.now() - since);
      }
      assert.ok(longestMs < 4_000, `${longestMs} ms`);
      const stays = (await scrubbed).join('\n');
      assert.match(stays, /in the table messages, which somebody uses/);
      assert.doesNotMatch(stays, /promises/);
      await reader.query('COMMIT');
      assert.doesNotMatch((await scrub(connection)).join('\n'), /somebody/);
    } finally {
      await reader.end();
      await storage.close();
      await connection.dataSource.destroy();
      await drop();
    }
  });
});

/** Every page of every relation of the database: tables, indexes, long values, statistics. */
const pagesOf = (url: string): Promise<Buffer> =>
  administer(url, async (client) => {
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ bytes: Buffer }>(
      `SELECT pg_read_binary_file(pg_relation_filepath(oid)) AS bytes FROM pg_class
        WHERE relkind IN ('r', 'i', 't', 'm', 'S') AND NOT relisshared AND pg_relation_filepath(oid) IS NOT NULL`,
    );
    return Buffer.concat(rows.map(({ bytes }) => bytes));
  });

/** Columns by table. */
type Schema = ReadonlyMap<string, readonly string[]>;

const undecided = (schema: Schema): readonly string[] =>
  [...schema].flatMap(([name, columns]) => {
    const table = PERSONAL_TABLES[name];
    if (!table) return [`the table ${name}`];
    if (table.rows === 'go') return [];
    return columns.filter((column) => !table.kept.includes(column) && !table.cleared.includes(column)).map((column) => `${name}.${column}`);
  });

describe('personal data: every table has a decision', function () {
  this.timeout(60_000);

  const ofSqlite = (use: (schema: Schema) => void): Promise<void> =>
    withStorage(async ({ sql }) => {
      const rows = await sql.read<{ name: string; column: string }>(
        `SELECT list.name AS name, info.name AS column FROM pragma_table_list AS list JOIN pragma_table_xinfo(list.name) AS info
          WHERE list.schema = 'main' AND list.type IN ('table', 'virtual') AND list.name NOT LIKE 'sqlite_%'`,
      );
      use(bySchema(rows));
    });

  it('in SQLite', () => ofSqlite((schema) => assert.deepEqual(undecided(schema), [])));

  it('in PostgreSQL', async () => {
    const database = await freshDatabase();
    try {
      const { rows } = await administer(database.url, (client) =>
        client.query<{ name: string; column: string }>(
          `SELECT table_name AS name, column_name AS column FROM information_schema.columns WHERE table_schema = 'public'`,
        ),
      );
      const schema = bySchema(rows);
      assert.deepEqual(undecided(schema), []);
      await ofSqlite((other) => {
        const gone = Object.keys(PERSONAL_TABLES).filter((name) => !schema.has(name) && !other.has(name));
        assert.deepEqual(gone, [], 'tables that there are not');
      });
    } finally {
      await database.drop();
    }
  });

  it('finds a table and a column without one', () =>
    ofSqlite((schema) =>
      assert.deepEqual(undecided(new Map([...schema, ['diaries', ['text']], ['turns', ['id', 'quote']]])), [
        'turns.quote',
        'the table diaries',
      ]),
    ));

  it('keeps the job queue of PostgreSQL free of words: a job holds the number of its promise', async () => {
    const database = await freshDatabase();
    const storage = await openBossStorage(database.url);
    try {
      await storage.stores.promises.add([buildPromise({ description: canary(0, 1), metadata: { words: canary(0, 2) } })]);
      const { rows } = await administer(database.url, (client) =>
        client.query<{ job: string }>('SELECT row_to_json(job)::text AS job FROM pgboss.job'),
      );
      assert.ok(rows.length > 0);
      for (const { job } of rows)
        assert.deepEqual(
          canariesOf(0).filter((word) => job.includes(word)),
          [],
        );
    } finally {
      await storage.close();
      await database.drop();
    }
  });
});

const bySchema = (rows: readonly { readonly name: string; readonly column: string }[]): Schema =>
  new Map([...Map.groupBy(rows, ({ name }) => name)].map(([name, its]) => [name, its.map(({ column }) => column)]));
