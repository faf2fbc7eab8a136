import { fork } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openBossStorage } from '../../support/boss-storage.ts';
import { addFormerJobs, formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { expectFormerHouse, expectSentOnce, expectToGoOn, FORMER, FORMER_POSTGRES, FORMER_SQLITE } from '../../support/former-house.ts';
import { administer, postgresServer } from '../../support/postgres.ts';
import { startWorker } from '../../support/sqlite-process.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

const COUNT = 40_000;
const STEP = JSON.stringify({ role: 'person', name: 'Ada', text: 'x'.repeat(300), messageId: 77_777 });
/** Much of a chat that nothing else is about, so that the migration takes long enough to be killed in it. */
const MUCH = [
  `INSERT INTO conversation (chat_id, at, step, message_id) SELECT 900, n, '${STEP}', 77777 FROM numbers`,
  `INSERT INTO turns (id, chat_id, agent, started_at, ended_at, outcome, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
    tool_calls) SELECT 'turn-' || n, 900, 'telegram_chat_agent', n, n, 'answered', 1, 1, 0, 0, 0 FROM numbers`,
  `INSERT INTO outbox (chat_id, text, reply_to, answers, dedupe_key, random_id, created_at, attempts, status, sent_at, sent_message_id)
    SELECT 900, '${'y'.repeat(200)}', n, '[' || n || ']', 'turn:turn-' || n, '' || n, n, 0, 'sent', n, n FROM numbers`,
];
const sqliteRows = MUCH.map((sql) =>
  sql.replace(
    'FROM numbers',
    `FROM (WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers
  WHERE n < ${COUNT}) SELECT n FROM numbers)`,
  ),
);
const postgresRows = MUCH.map((sql) => sql.replace('FROM numbers', `FROM generate_series(1, ${COUNT}) AS n`));
const MIGRATIONS = 'SELECT name FROM schema_migrations ORDER BY timestamp DESC LIMIT 1';

describe('A database of the version whose ids were numbers, and processes that are killed while they bring it over', function () {
  this.timeout(240_000);

  it('is whole in SQLite after each kill, and is brought over in the end: all of it is there, and is sent once', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      await formerSqlite(path, FORMER, [...FORMER_SQLITE, ...sqliteRows]);
      const written = () => statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
      const { size } = statSync(path);
      for (const share of [0.02, 0.2, 0.4, 0.6, 0.8]) {
        const process = startWorker('open', path);
        await process.until(() => written() > share * size);
        process.child.kill('SIGKILL');
        await process.ended('SIGKILL');
        const database = new Database(path);
        expect(database.prepare(MIGRATIONS).pluck().get(), `killed after ${share}`).to.equal(FORMER);
        database.pragma('wal_checkpoint(TRUNCATE)');
        database.close();
      }
      const began = performance.now();
      await startWorker('open', path).ended();
      expect(performance.now() - began, 'ms for 120,000 rows').to.be.below(20_000);
      const storage = await openStorage(path);
      await expectFormerHouse(storage);
      await expectSentOnce(storage);
      await expectToGoOn(storage);
      await storage.close();
    }));

  it('is whole in PostgreSQL after each kill, and is brought over in the end: all of it is there, and is sent once', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), FORMER, [...FORMER_POSTGRES, ...postgresRows]);
    await addFormerJobs(url);
    const start = () => fork(new URL('../../support/postgres-opener.ts', import.meta.url), [url], { stdio: 'ignore' });
    const isAt = async (statement: string): Promise<boolean> =>
      administer(url, async (client) => {
        const active = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE $1`;
        return (await client.query(active, [`${statement}%`])).rows.length > 0;
      });
    for (const statement of [
      'ALTER TABLE conversation ALTER',
      'ALTER TABLE turns ALTER',
      'ALTER TABLE outbox ALTER',
      'ALTER TABLE conversation ALTER',
    ]) {
      const process = start();
      const ended = once(process, 'exit');
      while (!(await isAt(statement))) if (process.exitCode !== null) throw new Error(`it ended before ${statement}`);
      process.kill('SIGKILL');
      expect((await ended)[1]).to.equal('SIGKILL');
      const { rows } = await administer(url, (client) => client.query(MIGRATIONS));
      expect(rows, `killed in ${statement}`).to.deep.equal([{ name: FORMER }]);
    }
    const began = performance.now();
    const last = start();
    expect(await once(last, 'exit')).to.deep.equal([0, null]);
    expect(performance.now() - began, 'ms for 120,000 rows').to.be.below(30_000);
    const storage = await openBossStorage(url);
    await expectFormerHouse(storage);
    await expectSentOnce(storage);
    await expectToGoOn(storage);
    await storage.close();
    await drop();
  });
});
