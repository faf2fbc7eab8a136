import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { promiseId } from '../../../src/domain/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { buildPromise, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { postgresServer } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

/** The last migration before words had labels. */
const FORMER = 'Ledger1764806420000';
const CHAT = String(telegramChat(501));
const { requestedBy } = buildPromise();
const asker = JSON.stringify(requestedBy);
const AT = `'2026-11-22T12:00:00.000Z'`;
const RETRY = `'{"maxAttempts":3,"backoffMs":60000,"maxBackoffMs":3600000}'`;

const promise = (id: number, status: string, { extra = '', values = '' } = {}): string =>
  `INSERT INTO promises (id, chat_id, chat_kind, task_description, task_type, agent, status, created_at, metadata, requested_by, priority,
    retry, attempts, failures, lost_leases, version, due_at, tenant${extra})
    VALUES (${id}, '${CHAT}', 'direct', 'Look', 'analysis', 'researcher', '${status}', ${AT}, '{}', '${asker}', 5, ${RETRY}, 0, 0, 0, 1, 1,
    '${CHAT}'${values})`;
const ROWS = [
  promise(1, 'completed', { extra: ', result_summary, completed_at', values: `, 'Found', ${AT}` }),
  promise(2, 'pending'),
  `INSERT INTO schedules (id, chat_id, chat_kind, requested_by, task_description, task_type, agent, priority, retry, tenant, cron,
    time_zone, created_at, next_at, version) VALUES (1, '${CHAT}', 'direct', '${asker}', 'Look', 'analysis', 'researcher', 5, ${RETRY},
    '${CHAT}', '0 8 * * *', 'UTC', ${AT}, 2, 1)`,
  `INSERT INTO facts (id, text, said_by, said_by_name, chat_id, room, said_at) VALUES (1, 'Ada likes tea', '${telegramUser(501)}', 'Ada',
    '${CHAT}', '${telegramUser(501)}', 1)`,
  `INSERT INTO conversation_summaries (chat_id, text, up_to, made_at, model) VALUES ('${CHAT}', 'Tea', 1, 1, 'm')`,
  `INSERT INTO outbox (chat_id, text, answers, dedupe_key, delivery_key, created_at, attempts, status, due_at)
    VALUES ('${CHAT}', 'An answer', '[]', 'turn:t1', '1', 1, 0, 'pending', 1)`,
];
const UNKNOWN = { labels: ['unknown'], isPrivate: true };

const expectLabelled = async ({ stores }: Pick<Storage, 'stores'>): Promise<void> => {
  const chat = telegramChat(501);
  expect((await stores.promises.get(promiseId(1)))?.provenance, 'what came of a promise').to.deep.equal(UNKNOWN);
  expect((await stores.summaries.get(chat))?.provenance, 'a summary').to.deep.equal(UNKNOWN);
  expect((await stores.facts.find({ personId: telegramUser(501) }, 1))[0]?.provenance, 'a fact').to.deep.equal(UNKNOWN);
  expect((await stores.outbox.named('turn:t1'))?.provenance, 'a message of the agent').to.deep.equal(UNKNOWN);
  expect(await stores.promises.get(promiseId(2)), 'a promise to be kept').not.to.have.property('provenance');
  const [schedule] = await stores.schedules.find({ chatId: chat, activeOnly: true, limit: 1 });
  expect(schedule, 'a schedule').to.include({ description: 'Look' }).and.not.to.have.property('provenance');
};

describe('What was stored before labels were', function () {
  this.timeout(60_000);

  it('is of an unknown source in SQLite, apart from what is still to be done', () =>
    inDirectory(async (dir) => {
      await formerSqlite(`${dir}/system.db`, FORMER, ROWS);
      const storage = await openStorage(`${dir}/system.db`);
      await expectLabelled(storage);
      await storage.close();
    }));

  it('is of an unknown source in PostgreSQL, apart from what is still to be done', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), FORMER, ROWS);
    const storage = await openPostgresStorage({ url });
    await expectLabelled(storage);
    await storage.close();
    await drop();
  });
});
