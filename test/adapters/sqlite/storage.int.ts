import { chmod, stat, writeFile } from 'node:fs/promises';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { openWriter } from '../../../src/adapters/sqlite/connection.ts';
import { openSqliteStorage } from '../../../src/adapters/sqlite/storage.ts';
import { buildEntry, buildMessage, buildRecord, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { formerSqlite } from '../../support/former-database.ts';
import { inDirectory, openStorage, withStorage } from '../../support/sqlite-storage.ts';

describe('SQLite storage: the file', () => {
  it('creates the database and the files beside it for their owner alone', () =>
    withStorage(async ({ stores, path }) => {
      await stores.messages.add(buildRecord());
      for (const file of [path, `${path}-wal`, `${path}-shm`]) expect((await stat(file)).mode & 0o777, file).to.equal(0o600);
    }));

  it('syncs each commit to the disk', () =>
    withStorage(async ({ sql }) => {
      const [row] = await sql.write(({ query }) => query<{ synchronous: number }>('PRAGMA synchronous'));
      expect(row?.synchronous).to.equal(2);
    }));

  it('opens the database by the same SQLite library as the change feed, even if TypeORM finds another one', () =>
    inDirectory(async (dir) => {
      const connection = await openWriter(`${dir}/system.db`);
      expect(connection.dataSource.driver).to.have.property('sqlite', Database);
      await connection.close();
    }));

  it('keeps everything for the next process', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/a/b/system.db`;
      const first = await openStorage(path);
      await first.stores.messages.add(buildRecord());
      await first.close();
      const second = await openStorage(path);
      expect(await second.stores.messages.get(telegramChat(501), telegramMessage(1))).to.deep.equal(buildRecord());
      await second.close();
    }));

  it('opens twice in one process, and each storage sees what the other one commits', () =>
    withStorage(async (first) => {
      const second = await openStorage(first.path);
      await Promise.all([first, second].map(({ stores }, i) => stores.messages.add(buildRecord({ messageId: telegramMessage(i + 1) }))));
      for (const { stores } of [first, second]) expect((await stores.messages.stats()).open).to.equal(2);
      await second.close();
    }));

  it('migrates a database of an older version, with a random reply key for each waiting message', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const row = (
        id: number,
      ) => `INSERT INTO messages (chat_id, message_id, chat_kind, sender, text, sent_at, received_at, access, response)
        VALUES (501, ${id}, 'direct', '{"id":501,"kind":"person","username":"ada","displayName":"Ada"}', '${buildMessage().text}', ${START},
          ${START}, '{"allowed":true,"rule":"whitelisted-user-id","path":""}', '{"action":"answer","rule":"direct-message"}')`;
      await formerSqlite(path, 'InitialTables1763769600000', [1, 2].map(row));
      const second = await openStorage(path);
      const open = await second.stores.messages.open(telegramChat(501), 10);
      expect(open.map(({ message }) => message)).to.deep.equal([1, 2].map((id) => buildMessage({ messageId: telegramMessage(id) })));
      for (const { replyKey } of open) expect(replyKey).to.match(/^-?[1-9]\d*$/);
      expect(open[0]?.replyKey).to.not.equal(open[1]?.replyKey);
      await second.state('telegram').set(new Map([['session', 's']]));
      await second.close();
    }));

  it('refuses a database of a newer version and names the unknown migration', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const storage = await openStorage(path);
      await storage.sql.write(({ query }) => query(`INSERT INTO schema_migrations (timestamp, name) VALUES (9, 'FromTheFuture9')`));
      await storage.close();
      const error = await failureOf(openStorage(path));
      expect(error).to.include({ code: 'invalid-request', retryable: false });
      expect(error.message).to.match(/newer version of Kept .*FromTheFuture9/);
    }));

  it('refuses a file that is no database as storage-corrupt and names it', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      await writeFile(path, 'Dear diary, '.repeat(500));
      const error = await failureOf(openStorage(path));
      expect(error.code).to.equal('storage-corrupt');
      expect(error.message).to.include(path);
    }));

  it('reports a database that cannot be created as unavailable and names it', () =>
    inDirectory(async (dir) => {
      await writeFile(`${dir}/file`, '');
      await chmod(`${dir}/file`, 0o600);
      const error = await failureOf(openSqliteStorage({ path: `${dir}/file/system.db` }));
      expect(error.code).to.equal('unavailable');
      expect(error.message).to.include(`${dir}/file/system.db`);
    }));

  it('refuses whole units as storage-full when the database is full, and works again once there is room', () =>
    withStorage(async ({ stores, unitOfWork, sql }) => {
      const setLimit = (pages: number) => sql.write(({ query }) => query(`PRAGMA max_page_count = ${pages}`));
      const [size] = await sql.read<{ page_count: number }>('PRAGMA page_count');
      await setLimit((size?.page_count ?? 0) + 8);
      const writes = Array.from({ length: 60 }, (_, i) =>
        unitOfWork.run(async ({ messages, conversations }) => {
          await messages.add(buildRecord({ messageId: telegramMessage(i + 1), text: 'x'.repeat(10_000) }));
          await conversations.append([buildEntry(`${i + 1}`)]);
        }),
      );
      const outcomes = await Promise.allSettled(writes);
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(refused).to.not.have.length(0);
      for (const error of refused) expect(error).to.include({ code: 'storage-full', retryable: true });
      await setLimit(1_000_000);
      const stored = (await stores.conversations.recent(telegramChat(501), 100)).map(({ step }) => ('text' in step ? step.text : ''));
      expect(stored).to.deep.equal(outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [`${i + 1}`] : [])));
      expect((await stores.messages.stats()).open).to.equal(stored.length);
      await stores.messages.add(buildRecord({ messageId: telegramMessage(100), text: 'y'.repeat(50_000) }));
    }));
});
