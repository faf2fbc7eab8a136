import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { QueryRunner } from 'typeorm';
import { RetryPolicies1763809200000 as PostgresMigration } from '../../../src/adapters/postgres/migrations/1763809200000-retry-policies.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { RetryPolicies1763809200000 as SqliteMigration } from '../../../src/adapters/sqlite/migrations/1763809200000-retry-policies.ts';
import { type AgentPromise, advance, endSchedule, promiseId, type Schedule, scheduleId } from '../../../src/domain/index.ts';
import type { Stores } from '../../../src/ports/index.ts';
import { buildPromise, buildSchedule, promiseAfter, START } from '../../../src/testing/index.ts';
import { administer, freshDatabase } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

/** The column as versions before wrote it: all that the configuration held, with these two settings of the policy. */
const asBefore = (maxAttempts: number, backoffMs: number): string =>
  JSON.stringify({
    concurrency: 10,
    perTenant: 8,
    perType: { code: 2 },
    leaseMs: 30_000,
    heartbeatMs: 10_000,
    maxAttempts,
    backoffMs,
    retentionMs: 604_800_000,
  });
const policy = (maxAttempts: number, backoffMs: number): string => JSON.stringify({ maxAttempts, backoffMs });

const RETRY = { maxAttempts: 7, backoffMs: 1_500 };
const build = (id: number) => buildPromise({ id: promiseId(id), retry: RETRY, deadline: START + 90_000, idempotencyKey: `key ${id}` });
const start = { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 30_000 } as const;
const failure = { code: 'tool/failed', message: 'the search failed' };
const fail = { type: 'fail', at: START + 2, workerId: 'w1', attempt: 1, error: failure, retryable: true, jitter: 0 } as const;

const PROMISES: readonly AgentPromise[] = [
  build(1),
  buildPromise({ id: promiseId(2), retry: RETRY, dependsOn: [promiseId(1)] }),
  promiseAfter(build(3), start, fail),
  promiseAfter(build(4), start),
  promiseAfter(build(5), start, { type: 'complete', at: START + 2, workerId: 'w1', attempt: 1, result: 'Platform 4' }),
  promiseAfter(build(6), start, { ...fail, retryable: false }),
  promiseAfter(build(7), { type: 'cancel', at: START + 3, reason: 'by Ada' }),
];
const daily = (id: number) => buildSchedule({ id: scheduleId(id), retry: RETRY });
const ended = (schedule: Schedule): Schedule => {
  const end = endSchedule(schedule, START + 5);
  if (!end.ok) throw new Error(end.error.message);
  return end.value;
};
const SCHEDULES: readonly Schedule[] = [daily(1), advance(daily(2), START + 9, promiseId(5)), ended(daily(3))];

const fill = async ({ promises, schedules }: Stores): Promise<void> => {
  await promises.add(PROMISES);
  await schedules.add(SCHEDULES);
};
const readAll = async ({ promises, schedules }: Stores) => ({
  promises: await promises.find({ limit: 100 }),
  schedules: await schedules.find({ limit: 100 }),
});
const WHOLE = { promises: PROMISES, schedules: SCHEDULES.toReversed() };

/** All but three rows, which hold a policy alone, and one that a library has stored with a setting of its own. */
const AGE = [
  `UPDATE promises SET retry = '${asBefore(7, 1_500)}' WHERE id NOT IN (2, 6)`,
  `UPDATE promises SET retry = '{"color":"blue","maxAttempts":7,"backoffMs":1500}' WHERE id = 6`,
  `UPDATE schedules SET retry = '${asBefore(7, 1_500)}' WHERE id <> 3`,
];
const STORED = 'SELECT DISTINCT retry FROM (SELECT retry FROM promises UNION ALL SELECT retry FROM schedules) AS stored';
const FORGET = `DELETE FROM schema_migrations WHERE name = 'RetryPolicies1763809200000'`;

describe('Retry policies stored by earlier versions', function () {
  this.timeout(30_000);

  it('are cleaned in SQLite by a migration that may be cut or run twice, and nothing else changes', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const first = await openStorage(path);
      await fill(first.stores);
      await first.close();

      const before = new Database(path);
      for (const sql of [...AGE, FORGET]) before.exec(sql);
      before.exec('BEGIN IMMEDIATE');
      const runner = { query: async (sql: string) => before.exec(sql) } as unknown as QueryRunner;
      await new SqliteMigration().up(runner);
      // A process that is killed commits nothing.
      before.close();

      const second = await openStorage(path);
      expect(await second.sql.read(STORED)).to.deep.equal([{ retry: policy(7, 1_500) }]);
      expect(await readAll(second.stores)).to.deep.equal(WHOLE);
      await second.sql.write(({ query }) => new SqliteMigration().up({ query } as unknown as QueryRunner));
      expect(await readAll(second.stores)).to.deep.equal(WHOLE);

      // A process of the version before goes on to write what it always wrote.
      for (const sql of AGE) await second.sql.write(({ query }) => query(sql));
      expect(await readAll(second.stores)).to.deep.equal(WHOLE);
      await second.close();
    }));

  it('are cleaned in PostgreSQL by a migration that may be cut or run twice, and nothing else changes', async () => {
    const { url, drop } = await freshDatabase();
    const first = await openPostgresStorage({ url });
    await fill(first.stores);
    await first.close();

    await administer(url, async (client) => {
      for (const sql of [...AGE, FORGET, 'BEGIN']) await client.query(sql);
      await new PostgresMigration().up({ query: (sql: string) => client.query(sql) } as unknown as QueryRunner);
      // The connection ends before the commit, as that of a killed process does.
    });

    const second = await openPostgresStorage({ url });
    expect(await second.sql.read(STORED)).to.deep.equal([{ retry: policy(7, 1_500) }]);
    expect(await readAll(second.stores)).to.deep.equal(WHOLE);
    await second.sql.write(({ query }) => new PostgresMigration().up({ query } as unknown as QueryRunner));
    expect(await readAll(second.stores)).to.deep.equal(WHOLE);
    for (const sql of AGE) await second.sql.write(({ query }) => query(sql));
    expect(await readAll(second.stores)).to.deep.equal(WHOLE);
    await second.close();
    await drop();
  });
});
