import { expect } from 'chai';
import { describe, it } from 'mocha';
import type pg from 'pg';
import { promiseId, TASK_TYPES, type TaskType } from '../../../../src/domain/index.ts';
import { buildPromise, promiseAfter, START } from '../../../../src/testing/index.ts';
import { openBossStorage } from '../../../support/boss-storage.ts';
import { administer, freshDatabase } from '../../../support/postgres.ts';

const BURST = 20_000;
const FILL = `INSERT INTO promises (id, chat_id, chat_kind, task_description, task_type, created_at, metadata, requested_by, tenant, priority, retry, status,
    attempts, failures, lost_leases, due_at, version)
  SELECT i, 'telegram:501', 'direct', '', (ARRAY['code', 'search', 'analysis'])[1 + i % 3], '2026-11-22T12:00:00.000Z', '{}', '{"id":"telegram:501"}', 't' || i % 50, 1 + i % 10,
    '{"maxAttempts":3,"backoffMs":60000}', 'pending', 0, 0, 0, ${START} + i % 1000, 0 FROM generate_series(1000, ${999 + BURST}) AS i`;
const FILL_JOBS = `INSERT INTO pgboss.job (id, name, data, priority, start_after, policy)
  SELECT (lpad(to_hex(priority), 2, '0') || lpad(to_hex(id), 30, '0'))::uuid, 'kept-' || task_type, json_build_object('promise', id), 11 - priority, to_timestamp(due_at / 1000.0), 'standard'
  FROM promises WHERE status = 'pending'`;
/** Rows of promises and jobs, and entries of their indexes, that have been read so far. */
const READ = `SELECT (SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('promises', 'job_common'))
  + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN ('promises', 'job_common')) AS count`;

describe('Plans of the queue on PostgreSQL', () => {
  it('read little for each claim and each end, even if the database was empty when the plans were made', async () => {
    const database = await freshDatabase();
    const storage = await openBossStorage(database.url);
    const { queue, stores } = storage;
    // Of one type at a time: pg-boss writes a statement for each queue and number of jobs, and it is to be the same one
    // all along.
    const keepSome = async (type: TaskType) => {
      const room = { code: 0, search: 0, analysis: 0, [type]: 10 };
      const claimed = await queue.claim({
        workerId: 'w1',
        now: START + 1_000,
        leaseMs: 30_000,
        limit: 10,
        tenantConcurrency: 100,
        capacity: room,
      });
      await queue.heartbeat({ workerId: 'w1', ids: claimed.map(({ id }) => id), now: START, leaseMs: 30_000 });
      await stores.promises.update(
        claimed.map(({ id }) => id),
        (promise) => promiseAfter(promise, { type: 'complete', at: START, workerId: 'w1', attempt: 1, result: 'done' }),
      );
      await queue.nextDueAt();
      return claimed.length;
    };
    // Statistics must stay as they are. Later, this would have plans made anew.
    await administer(database.url, async (client) => {
      for (const table of ['promises', 'pgboss.job_common']) await client.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
    });
    // A prepared statement keeps its plan from the sixth time on.
    for (let round = 0; round < 10; round++)
      for (const [at, type] of TASK_TYPES.entries()) {
        const first = 2 * (TASK_TYPES.length * round + at);
        await stores.promises.add([1, 2].map((i) => buildPromise({ id: promiseId(first + i), taskType: type })));
        expect(await keepSome(type)).to.equal(2);
      }
    await administer(database.url, async (client) => {
      await client.query(FILL);
      await client.query(FILL_JOBS);
    });
    const before = await readWhenQuiet(database.url, 0);
    for (const type of TASK_TYPES) expect(await keepSome(type)).to.equal(10);
    await storage.close();
    expect((await readWhenQuiet(database.url, before)) - before).to.be.below(BURST / 4);
    await database.drop();
  });
});

/** A session's counts are in sight when it has ended, at the latest. */
const readWhenQuiet = (url: string, before: number): Promise<number> =>
  administer(url, async (client: pg.Client) => {
    for (;;) {
      const others = await client.query(
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'kept%'`,
      );
      if (before === 0 || others.rows.length === 0) return Number((await client.query(READ)).rows[0].count);
    }
  });
