import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeBoss } from '../../../src/adapters/postgres/jobs/boss.ts';
import { openBossStorage } from '../../support/boss-storage.ts';
import { formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { expectFormerHouse, expectSentOnce, expectToGoOn, FORMER, FORMER_POSTGRES, FORMER_SQLITE } from '../../support/former-house.ts';
import { administer, postgresServer } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

/** The jobs of pending promises, each counted against its tenant. */
const JOBS = `INSERT INTO pgboss.job (id, name, data, priority, start_after, policy, group_id)
  SELECT (lpad(to_hex(priority), 2, '0') || lpad(to_hex(id), 30, '0'))::uuid, 'kept-' || task_type, json_build_object('promise', id),
    11 - priority, to_timestamp(due_at / 1000.0), 'standard', tenant FROM promises WHERE status = 'pending'`;
const STRAY_JOB = `INSERT INTO pgboss.job (name, data, policy, group_id)
  VALUES ('kept-analysis', '{"promise": "somebody else’s"}', 'standard', '501')`;

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
    const boss = makeBoss({ url });
    await boss.start();
    await boss.close();
    await administer(url, async (client) => {
      await client.query(JOBS);
      await client.query(STRAY_JOB);
    });
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
