import { expect } from 'chai';
import { describe, it } from 'mocha';
import { promiseId } from '../../../src/domain/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { openBossStorage } from '../../support/boss-storage.ts';
import { addFormerJobs, formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { expectFormerHouse, expectSentOnce, expectToGoOn, FORMER, FORMER_POSTGRES, FORMER_SQLITE } from '../../support/former-house.ts';
import { postgresServer } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

const TERMS = `'{"maxAttempts":3,"backoffMs":60000,"maxBackoffMs":3600000}', 0, 0, 0, 0, 1`;
/** Such as no version stores, and hands have written: none of them stops the rest. */
const ODD = [
  `INSERT INTO promises (id, chat_id, task_description, task_type, status, created_at, metadata, requested_by, priority, retry, attempts,
    failures, lost_leases, version, due_at, tenant) VALUES (108, 501, 'x', 'code', 'pending', '2026-11-22T12:00:00.000Z', '{}', '{}', 5,
    ${TERMS}, '501')`,
  `INSERT INTO outbox (chat_id, text, answers, dedupe_key, random_id, created_at, attempts, status, due_at)
    VALUES (600, 'x', '[]', 'schedules-skipped:abc', '99', 1, 0, 'pending', 1)`,
  `INSERT INTO gateway_state (gateway, key, value) VALUES ('telegram', 'progress:501', 'x')`,
];
const expectOdd = async ({ stores, state }: Storage): Promise<void> => {
  expect(await stores.promises.get(promiseId(108))).to.include({ chatId: 'telegram:501', tenant: 'telegram:501' });
  const keys = (await stores.outbox.due(Number.MAX_SAFE_INTEGER, 100)).map(({ dedupeKey }) => dedupeKey);
  expect(keys).to.include('schedules-skipped:abc');
  expect((await state('telegram').list('progress:')).get('progress:501')).to.equal('x');
};

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

  it('is brought over in SQLite with rows that hold less than they should', () =>
    inDirectory(async (dir) => {
      await formerSqlite(`${dir}/system.db`, FORMER, [...FORMER_SQLITE, ...ODD]);
      const storage = await openStorage(`${dir}/system.db`);
      await expectOdd(storage);
      await storage.close();
    }));

  it('is brought over in PostgreSQL with rows that hold less than they should', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), FORMER, [...FORMER_POSTGRES, ...ODD]);
    const storage = await openBossStorage(url);
    await expectOdd(storage);
    await storage.close();
    await drop();
  });
});
