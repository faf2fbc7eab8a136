import { expect } from 'chai';
import type { QueryRunner } from 'typeorm';
import { Sketches1764806470000 as OnPostgres } from '../../../src/adapters/postgres/migrations/1764806470000-sketches.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { Sketches1764806470000 as OnSqlite } from '../../../src/adapters/sqlite/migrations/1764806470000-sketches.ts';
import { makeReportStats } from '../../../src/application/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { buildMeasurements, START } from '../../../src/testing/index.ts';
import { formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { administer, postgresServer } from '../../support/postgres.ts';
import { withPostgres } from '../../support/postgres-storage.ts';
import { inDirectory, openStorage, withStorage } from '../../support/sqlite-storage.ts';

/** The last migration before anything was measured. */
const FORMER = 'FactsToldOnce1764806460000';

const row = (id: string, body: string, version = 1): string =>
  `INSERT INTO sketches (id, from_at, until_at, version, is_merged, body) VALUES ('${id}', 1, ${START}, ${version}, 0, '${body}')`;
/** Rows that somebody has spoilt, one that is good in part, and one of a later version. */
const ROWS = [
  row('none', 'no JSON'),
  row('null', 'null'),
  row('list', '[1]'),
  row('half', '{"agent":{"a":[1,0,5,5,5,82,1],"b":[9,0,5,5,5,82,1],"c":"x","d":null},"later":{"e":[1]}}'),
  row('later', '{"agent":{"z":[1,0,5,5,5,82,1]}}', 2),
];

const reported = async ({ stores: { sketches } }: Pick<Storage, 'stores'>) =>
  (await makeReportStats({ sketches, now: () => START })({ since: 0 })).rows.map(({ name, count }) => [name, count]);
/** What is good is told, a later version's stays as it is, and what is spoilt is no trouble for good. */
const expectOutlived = async ({ stores }: Pick<Storage, 'stores'>) => {
  expect(await reported({ stores })).to.deep.equal([['a', 1]]);
  expect((await stores.sketches.takeUnmerged({ upTo: START, limit: 9 })).map(({ id }) => id)).to.deep.equal([
    'half',
    'list',
    'none',
    'null',
  ]);
  expect(await stores.sketches.takeUnmerged({ upTo: START, limit: 9 })).to.deep.equal([]);
  expect(await stores.sketches.purge({ before: START + 1, after: START + 2, limit: 9 }), 'the row of a later version').to.equal(1);
};
const runner = (query: (sql: string) => unknown) => ({ query }) as unknown as QueryRunner;

describe('The table of sketches', function () {
  this.timeout(60_000);

  it('is there after an upgrade, and can be undone, on SQLite', () =>
    inDirectory(async (dir) => {
      await formerSqlite(`${dir}/system.db`, FORMER, []);
      const storage = await openStorage(`${dir}/system.db`);
      await storage.stores.sketches.add(buildMeasurements('a'));
      expect(await reported(storage)).to.deep.equal([['tester', 1]]);
      await storage.sql.write(({ query }) => new OnSqlite().down(runner((sql) => query(sql))));
      expect(await reported(storage).catch(({ message }: Error) => message)).to.include('no such table');
      await storage.close();
    }));

  it('is there after an upgrade, and can be undone, on PostgreSQL', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), FORMER, []);
    const storage = await openPostgresStorage({ url });
    await storage.stores.sketches.add(buildMeasurements('a'));
    expect(await reported(storage)).to.deep.equal([['tester', 1]]);
    await administer(url, (client) => new OnPostgres().down(runner((sql) => client.query(sql))));
    expect(await reported(storage).catch(({ message }: Error) => message)).to.include('does not exist');
    await storage.close();
    await drop();
  });

  it('outlives rows that are spoilt, or of a later version, on SQLite', () =>
    withStorage(async (storage) => {
      for (const sql of ROWS) await storage.sql.write(({ query }) => query(sql));
      await expectOutlived(storage);
    }));

  it('outlives rows that are spoilt, or of a later version, on PostgreSQL', () =>
    withPostgres(async ([storage], url) => {
      await administer(url, async (client) => {
        for (const sql of ROWS) await client.query(sql);
      });
      if (storage) await expectOutlived(storage);
    }));
});
