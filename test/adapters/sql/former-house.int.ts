import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openBossStorage } from '../../support/boss-storage.ts';
import { addFormerJobs, formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { expectFormerHouse, expectSentOnce, expectToGoOn, FORMER, FORMER_POSTGRES, FORMER_SQLITE } from '../../support/former-house.ts';
import { postgresServer } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

describe('A database of the version whose ids were numbers', function () {
  this.timeout(60_000);

  it('is brought over in SQLite: all of it is there under its new ids, and is sent once', () =>
    inDirectory(async (dir) => {
      await formerSqlite(`${dir}/system.db`, FORMER, FORMER_SQLITE);
      const storage = await openStorage(`${dir}/system.db`);
      await expectFormerHouse(storage);
      await expectSentOnce(storage);
      await expectToGoOn(storage);
      await storage.close();
    }));

  it('is brought over in PostgreSQL, with its jobs: all of it is there under its new ids, and is sent once', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), FORMER, FORMER_POSTGRES);
    await addFormerJobs(url);
    const storage = await openBossStorage(url);
    await expectFormerHouse(storage);
    const jobs = await storage.sql.read(`SELECT data ->> 'promise' AS id, group_id AS tenant FROM pgboss.job ORDER BY 1`);
    expect(jobs).to.deep.equal([
      { id: '1', tenant: 'telegram:501' },
      { id: '7', tenant: 'telegram:-123456' },
      { id: '9', tenant: 'telegram:501' },
      { id: 'somebody else’s', tenant: '501' },
    ]);
    await expectSentOnce(storage);
    await expectToGoOn(storage);
    await storage.close();
    await drop();
  });
});
