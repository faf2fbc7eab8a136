import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { wordQuery } from '../../../src/domain/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import { buildEntry, buildRecord, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { formerPostgres, formerSqlite } from '../../support/former-database.ts';
import { postgresServer } from '../../support/postgres.ts';
import { inDirectory, openStorage } from '../../support/sqlite-storage.ts';

type Opened = Pick<Storage, 'stores'> & { close(): Promise<void> };

const chat = telegramChat(501);
const said = buildEntry('', { step: { role: 'person', name: 'Ada', text: 'at five “\u2028”', messageId: telegramMessage(1) } });
const answer = buildEntry('', { step: { role: 'agent', text: 'messageId', toolCalls: [] } });
const { message, receivedAt, access, response } = buildRecord();
const spoken = JSON.stringify({ ...said.step, messageId: 1 });
/** What a version stored that kept nothing of replies and revisions. */
const ROWS = [
  `INSERT INTO messages (chat_id, message_id, chat_kind, sender, text, sent_at, received_at, reply_random_id, access, response)
    VALUES (501, 1, 'direct', '${JSON.stringify({ ...message.sender, id: 501 })}', '${message.text}', ${message.sentAt}, ${receivedAt},
      'reply-1', '${JSON.stringify(access)}', '${JSON.stringify(response)}')`,
  ...[
    [501, spoken],
    [501, JSON.stringify(answer.step)],
    [502, spoken],
  ].map(([chatId, step]) => `INSERT INTO conversation (chat_id, at, step) VALUES (${chatId}, ${said.at}, '${step}')`),
];

const survives = async ({ stores, close }: Opened): Promise<void> => {
  expect(await stores.conversations.recent(chat, 10)).to.deep.equal([said, answer]);
  expect(await stores.conversations.search(chat, wordQuery('FIV'), 10)).to.deep.equal([said]);
  expect(await stores.conversations.search(chat, wordQuery('messageid'), 10)).to.deep.equal([answer]);
  expect(await stores.messages.get(chat, telegramMessage(1))).to.deep.equal(buildRecord());
  await stores.conversations.revise(chat, telegramMessage(1), 'at six');
  expect((await stores.conversations.recent(chat, 10)).map(({ step }) => 'text' in step && step.text)).to.deep.equal([
    'at six',
    'messageId',
  ]);
  await stores.conversations.erase(chat, [telegramMessage(1)]);
  expect(await stores.conversations.recent(chat, 10)).to.deep.equal([answer]);
  expect((await stores.messages.withIds([telegramMessage(1)])).length).to.equal(1);
  await close();
};

describe('Messages and conversations stored by earlier versions', function () {
  this.timeout(30_000);

  it('are revised and erased in SQLite', () =>
    inDirectory(async (dir) => {
      await formerSqlite(`${dir}/system.db`, 'RetryPolicies1763809200000', ROWS);
      await survives(await openStorage(`${dir}/system.db`));
    }));

  it('are revised and erased in PostgreSQL', async () => {
    const { url, drop } = await formerPostgres(await postgresServer(), 'RetryPolicies1763809200000', ROWS);
    try {
      await survives(await openPostgresStorage({ url }));
    } finally {
      await drop();
    }
  });
});
