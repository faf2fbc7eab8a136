import { expect } from 'chai';
import { describe, it } from 'mocha';
import type { QueryRunner } from 'typeorm';
import { RepliesAndRevisions1763812800000 as PostgresMigration } from '../../../src/adapters/postgres/migrations/1763812800000-replies-and-revisions.ts';
import { MessagesByQuoted1763820000000 as PostgresIndex } from '../../../src/adapters/postgres/migrations/1763820000000-messages-by-quoted.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { RepliesAndRevisions1763812800000 as SqliteMigration } from '../../../src/adapters/sqlite/migrations/1763812800000-replies-and-revisions.ts';
import { MessagesByQuoted1763820000000 as SqliteIndex } from '../../../src/adapters/sqlite/migrations/1763820000000-messages-by-quoted.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { buildEntry, buildRecord, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

type WithSql = Pick<Storage, 'stores'> & {
  readonly sql: { write(job: (transaction: { query(sql: string): Promise<readonly unknown[]> }) => Promise<unknown>): Promise<unknown> };
  close(): Promise<void>;
};
type Migration = { up(runner: QueryRunner): Promise<void>; down(runner: QueryRunner): Promise<void> };

const FORGET = `DELETE FROM schema_migrations WHERE name IN ('RepliesAndRevisions1763812800000', 'MessagesByQuoted1763820000000')`;
const chat = telegramChat(501);
const said = buildEntry('', { step: { role: 'person', name: 'Ada', text: 'at five “\u2028”', messageId: telegramMessage(1) } });
const answer = buildEntry('', { step: { role: 'agent', text: 'messageId', toolCalls: [] } });

/**
 * What a version before has stored is revised and erased like what is new; what it goes on to store meanwhile is read.
 */
const survives = async (open: () => Promise<WithSql>, ...migrations: readonly Migration[]): Promise<void> => {
  const before = await open();
  await before.stores.messages.add(buildRecord());
  await before.stores.conversations.append([said, answer, { ...said, chatId: telegramChat(502) }]);
  await before.sql.write(async ({ query }) => {
    for (const migration of migrations) await migration.down({ query } as unknown as QueryRunner);
    await query(FORGET);
  });
  await before.close();
  const { stores, close } = await open();
  expect(await stores.conversations.recent(chat, 10)).to.deep.equal([said, answer]);
  expect(await stores.messages.get(chat, telegramMessage(1))).to.deep.equal(buildRecord());
  await stores.conversations.revise(chat, telegramMessage(1), 'at six');
  expect((await stores.conversations.recent(chat, 10)).map(({ step }) => 'text' in step && step.text)).to.deep.equal([
    'at six',
    'messageId',
  ]);
  await stores.conversations.erase(chat, [telegramMessage(1)]);
  expect(await stores.conversations.recent(chat, 10)).to.deep.equal([answer]);
  expect((await stores.messages.withNumbers([telegramMessage(1)])).length).to.equal(1);
  await close();
};

describe('stored messages and conversations: what versions before have written', function () {
  this.timeout(30_000);

  it('is revised and erased in SQLite', () =>
    inDirectory((dir) => survives(() => openStorage(`${dir}/system.db`), new SqliteIndex(), new SqliteMigration())));

  it('is revised and erased in PostgreSQL', async () => {
    const { url, drop } = await freshDatabase();
    try {
      await survives(() => openPostgresStorage({ url }), new PostgresIndex(), new PostgresMigration());
    } finally {
      await drop();
    }
  });
});
