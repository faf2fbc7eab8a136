import { chmod, cp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { makeCheckpoints } from '../../../src/adapters/sqlite/checkpoints.ts';
import { openWriter } from '../../../src/adapters/sqlite/connection.ts';
import { requireSound } from '../../../src/adapters/sqlite/files.ts';
import { lossOf } from '../../../src/adapters/sqlite/mark.ts';
import { openSqliteStorage } from '../../../src/adapters/sqlite/storage.ts';
import { type AgentPromise, promiseId } from '../../../src/domain/index.ts';
import { isPortError, type PortError } from '../../../src/ports/index.ts';
import {
  buildEntry,
  buildMessage,
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { formerSqlite } from '../../support/former-database.ts';
import { inDirectory, openStorage, withStorage } from '../../support/sqlite-storage.ts';

const failureOf = async (promise: Promise<unknown>): Promise<PortError> => {
  try {
    await promise;
  } catch (error) {
    if (isPortError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

const completed = (promise: AgentPromise, result: string): AgentPromise =>
  promiseAfter(
    promise,
    { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 1_000 },
    { type: 'complete', at: START + 2_345, workerId: 'w1', attempt: 1, result },
  );

describe('SQLite storage: the file', () => {
  it('is made for its owner alone, with the files beside it', () =>
    withStorage(async ({ stores, path }) => {
      await stores.messages.add(buildRecord());
      for (const file of [path, `${path}-wal`, `${path}-shm`]) expect((await stat(file)).mode & 0o777, file).to.equal(0o600);
    }));

  it('syncs each commit to the disk', () =>
    withStorage(async ({ sql }) => {
      const [row] = await sql.write(({ query }) => query<{ synchronous: number }>('PRAGMA synchronous'));
      expect(row?.synchronous).to.equal(2);
    }));

  it('is opened by the one SQLite library that everything else here uses, wherever TypeORM finds another', () =>
    inDirectory(async (dir) => {
      const connection = await openWriter(`${dir}/system.db`);
      expect(connection.dataSource.driver).to.have.property('sqlite', Database);
      await connection.close();
    }));

  it('keeps everything from one process to the next', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/a/b/system.db`;
      const first = await openStorage(path);
      await first.stores.messages.add(buildRecord());
      await first.close();
      const second = await openStorage(path);
      expect(await second.stores.messages.get(telegramChat(501), telegramMessage(1))).to.deep.equal(buildRecord());
      await second.close();
    }));

  it('may be opened twice in one process: each sees what the other one commits', () =>
    withStorage(async (first) => {
      const second = await openStorage(first.path);
      await Promise.all([first, second].map(({ stores }, i) => stores.messages.add(buildRecord({ messageId: telegramMessage(i + 1) }))));
      for (const { stores } of [first, second]) expect((await stores.messages.stats()).open).to.equal(2);
      await second.close();
    }));

  it('of an older version is brought up to date, with a random id for the reply to each message that waits', () =>
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

  it('of a newer version is refused, in words', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const storage = await openStorage(path);
      await storage.sql.write(({ query }) => query(`INSERT INTO schema_migrations (timestamp, name) VALUES (9, 'FromTheFuture9')`));
      await storage.close();
      const error = await failureOf(openStorage(path));
      expect(error).to.include({ code: 'invalid-request', retryable: false });
      expect(error.message).to.match(/newer version of Kept .*FromTheFuture9/);
    }));

  it('that is no database is refused as corrupt, by name', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      await writeFile(path, 'Dear diary, '.repeat(500));
      const error = await failureOf(openStorage(path));
      expect(error.code).to.equal('storage-corrupt');
      expect(error.message).to.include(path);
    }));

  it('that cannot be made is unavailable, by name', () =>
    inDirectory(async (dir) => {
      await writeFile(`${dir}/file`, '');
      await chmod(`${dir}/file`, 0o600);
      const error = await failureOf(openSqliteStorage({ path: `${dir}/file/system.db` }));
      expect(error.code).to.equal('unavailable');
      expect(error.message).to.include(`${dir}/file/system.db`);
    }));

  it('that is full refuses as storage-full what no longer fits, whole, and works again when there is room', () =>
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

describe('SQLite storage: what is stored', () => {
  it('answers the documented queries as they are printed', () =>
    withStorage(async ({ stores: { promises }, sql }) => {
      const [asked, kept, earlier] = [
        buildPromise({ description: 'Find hotels' }),
        buildPromise({ id: promiseId(2) }),
        buildPromise({ id: promiseId(3) }),
      ];
      await promises.add([asked, completed(kept, 'Three timetables'), completed({ ...earlier, createdAt: START - 9 }, 'Done')]);
      expect(
        await sql.read("SELECT id, task_description, status, created_at FROM promises WHERE status='pending' ORDER BY created_at;"),
      ).to.deep.equal([{ id: 1, task_description: 'Find hotels', status: 'pending', created_at: '2026-11-22T12:00:00.000Z' }]);
      expect(await sql.read('SELECT status, COUNT(*) as count FROM promises GROUP BY status;')).to.deep.equal([
        { status: 'completed', count: 2 },
        { status: 'pending', count: 1 },
      ]);
      const latest =
        "SELECT task_description, completed_at, result_summary FROM promises WHERE status='completed' ORDER BY completed_at DESC LIMIT 5;";
      expect((await sql.read<object>(latest))[0]).to.deep.equal({
        task_description: 'Compare the three timetables',
        completed_at: '2026-11-22T12:00:02.345Z',
        result_summary: 'Three timetables',
      });
    }));

  it('comes back as it went in, whatever people write', () =>
    withStorage(async ({ stores: { promises, messages, conversations, outbox } }) => {
      let id = 0;
      const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((value) => `${value}\0'"\\\u2028`);
      await fc.assert(
        fc.asyncProperty(text, fc.json(), async (words, json) => {
          id++;
          const metadata = { words, json: JSON.parse(json) as unknown };
          const promise = completed(buildPromise({ id: promiseId(id), description: words, metadata }), words);
          await promises.add([promise]);
          expect(await promises.get(promise.id)).to.deep.equal(promise);
          const record = buildRecord({
            messageId: telegramMessage(id),
            text: words,
            sender: { id: 501 as never, displayName: words, kind: 'person' },
          });
          await messages.add(record);
          expect(await messages.get(telegramChat(501), telegramMessage(id))).to.deep.equal(record);
          await conversations.append([buildEntry(words)]);
          expect(await conversations.recent(telegramChat(501), 1)).to.deep.equal([buildEntry(words)]);
          await outbox.add(buildOutboxDraft({ text: words, dedupeKey: `${id}`, answers: [telegramMessage(id)] }));
          expect((await outbox.answering(telegramChat(501), telegramMessage(id)))[0]?.text).to.equal(words);
        }),
        { numRuns: 60 },
      );
    }));

  it('holds no half of a surrogate pair: U+FFFD stands for it, by whichever road it came', () =>
    withStorage(async ({ stores: { promises, messages } }) => {
      const broken = 'a\ud83d\\ud83db';
      await promises.add([buildPromise({ description: broken })]);
      await messages.add(buildRecord({ text: broken }));
      expect((await promises.get(promiseId(1)))?.description).to.equal(broken.toWellFormed());
      expect((await messages.get(telegramChat(501), telegramMessage(1)))?.message.text).to.equal(broken.toWellFormed());
    }));

  it('a number reserved in a unit of work that rejects is never handed out again', () =>
    withStorage(async ({ stores, unitOfWork }) => {
      const leaked: number[] = [];
      const run = unitOfWork.run(async ({ promises }) => {
        leaked.push(...(await promises.reserveIds(3)));
        throw new RangeError('no');
      });
      const [outcome] = await Promise.allSettled([run]);
      expect(outcome.status).to.equal('rejected');
      expect(leaked).to.deep.equal([1, 2, 3]);
      expect(await stores.promises.reserveIds(1)).to.deep.equal([4]);
    }));

  it('nor is one reserved by a unit that is run once more, as one beside it has rejected', () =>
    withStorage(async ({ stores, unitOfWork }) => {
      const reserved: number[] = [];
      const reserve = (fails: boolean) =>
        unitOfWork.run(async ({ promises }) => {
          reserved.push(...(await promises.reserveIds(1)));
          if (fails) throw new RangeError('no');
        });
      const outcomes = await Promise.allSettled([reserve(false), reserve(true), reserve(false)]);
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      reserved.push(...(await stores.promises.reserveIds(1)));
      expect(new Set(reserved).size).to.equal(reserved.length);
    }));

  it('a refused statement says nothing of what was written', () =>
    withStorage(async ({ stores: { promises } }) => {
      await promises.add([buildPromise()]);
      for (const [refused, code] of [
        [{}, 'concurrency'],
        [{ id: promiseId(2), priority: 11 }, 'invalid-request'],
      ] as const) {
        const error = await failureOf(promises.add([buildPromise({ ...refused, description: 'the key under the mat' })]));
        expect(error.code).to.equal(code);
        expect(JSON.stringify([error, error.message, error.stack, error.cause, Object.entries(error.cause ?? {})])).to.not.include(
          'under the mat',
        );
      }
    }));

  it('a priority that no claim would look at is refused', () =>
    withStorage(async ({ stores: { promises } }) => {
      expect((await failureOf(promises.add([buildPromise({ priority: 11 })]))).code).to.equal('invalid-request');
    }));
});

describe('SQLite storage: what was lost, damaged or moved', () => {
  /**
   * A database that a killed process has left: its files as they were while it ran. `lose` is what happens to them
   * then.
   */
  const afterKill = (lose: (path: string) => Promise<unknown>, then: (path: string) => Promise<void>): Promise<void> =>
    inDirectory(async (dir) => {
      const running = await openStorage(`${dir}/running/system.db`);
      for (const id of [1, 2, 3]) await running.stores.outbox.add(buildOutboxDraft({ dedupeKey: `${id}` }));
      await until(async () => (await readMarkOf(running.path))?.entries === 3);
      await cp(`${dir}/running`, `${dir}/killed`, { recursive: true });
      await running.close();
      await lose(`${dir}/killed/system.db`);
      await then(`${dir}/killed/system.db`);
    });
  const readMarkOf = async (path: string): Promise<{ entries: number } | undefined> =>
    JSON.parse(await readFile(`${path}.mark`, 'utf8').catch(() => 'null')) ?? undefined;
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    while (!(await condition())) await turnOfTheLoop();
  };

  const losses: readonly (readonly [string, (path: string) => Promise<unknown>])[] = [
    ['its WAL is removed', (path) => rm(`${path}-wal`)],
    ['its WAL is overwritten', async (path) => writeFile(`${path}-wal`, Buffer.alloc((await stat(`${path}-wal`)).size, 7))],
    [
      'bits of its WAL are flipped',
      async (path) => {
        const wal = await readFile(`${path}-wal`);
        wal[wal.length - 2_000] = (wal[wal.length - 2_000] ?? 0) ^ 0xff;
        await writeFile(`${path}-wal`, wal);
      },
    ],
    ['it is emptied', (path) => truncate(path, 0)],
    ['it is removed', async (path) => Promise.all([rm(path), rm(`${path}-wal`)])],
    [
      'it is another one',
      async (path) => {
        await Promise.all([path, `${path}-wal`, `${path}-shm`].map((file) => rm(file, { force: true })));
        const mark = await readFile(`${path}.mark`);
        await rm(`${path}.mark`);
        await (await openStorage(path)).close();
        await writeFile(`${path}.mark`, mark);
      },
    ],
  ];
  for (const [what, lose] of losses)
    it(`refuses a database when ${what}, says what to do, and takes it once the mark is removed`, () =>
      afterKill(lose, async (path) => {
        for (const asItIs of [false, true]) {
          const error = await failureOf(openSqliteStorage({ path, asItIs }));
          expect(error.message).to.match(/backup of it/);
        }
        expect((await failureOf(openStorage(path))).code).to.equal('storage-corrupt');
        expect(await readMarkOf(path), 'the mark stands').to.include({ entries: 3 });
        await rm(`${path}.mark`);
        await (await openStorage(path)).close();
      }));

  it('takes fewer entries, fewer numbers or another id than the mark tells of for a loss, and nothing else', () => {
    const mark = { id: 7, entries: 3, numbers: 2, at: '2026-01-02T03:04:05.678Z' };
    for (const state of [undefined, { ...mark, id: 8 }, { ...mark, entries: 2 }, { ...mark, numbers: 1 }])
      expect(lossOf('system.db', mark, state)).to.match(
        /^stored data is missing: on 2026-01-02 03:04:05 UTC system\.db held 3 entries and 2/,
      );
    for (const state of [mark, { ...mark, entries: 4, numbers: 9 }]) expect(lossOf('system.db', mark, state)).to.equal(undefined);
    expect(lossOf('system.db', undefined, undefined)).to.equal(undefined);
  });

  it('refuses a database in which SQLite itself finds fault', async () => {
    const checks = (quick_check: string) => requireSound(async <T>() => [{ quick_check }] as T[], 'system.db');
    await checks('ok');
    expect(await failureOf(checks('row 3 missing from index promises_open'))).to.include({ code: 'storage-corrupt' });
  });

  it('refuses a database that was emptied together with its mark, or removed while the mark is damaged', () =>
    afterKill(
      async () => undefined,
      async (path) => {
        await writeFile(`${path}.mark`, '');
        await truncate(path, 0);
        expect((await failureOf(openStorage(path))).message).to.match(/is empty: its content is gone/);
        await Promise.all([rm(path), writeFile(`${path}.mark`, '{"id":')]);
        expect((await failureOf(openStorage(path))).message).to.match(/is missing: its content is gone/);
        await rm(`${path}.mark`);
        await (await openStorage(path)).close();
      },
    ));

  it('takes a sound database whose mark is damaged, and marks it anew', () =>
    afterKill(
      (path) => writeFile(`${path}.mark`, '{"id":'),
      async (path) => {
        await (await openStorage(path)).close();
        expect(await readMarkOf(path)).to.include({ entries: 3 });
      },
    ));

  it('takes a database after a kill that lost nothing', () =>
    afterKill(
      async () => undefined,
      async (path) => {
        const storage = await openStorage(path);
        expect((await storage.stores.outbox.stats()).pending).to.equal(3);
        await storage.close();
      },
    ));

  it('refuses a damaged file and the database of another program, and changes neither', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const storage = await openStorage(path);
      await storage.stores.messages.add(buildRecord({ text: 'x'.repeat(20_000) }));
      await storage.close();
      const sound = await readFile(path);
      await writeFile(path, Buffer.concat([sound.subarray(0, 8_192), Buffer.alloc(8_192, 9), sound.subarray(16_384)]));
      expect((await failureOf(openStorage(path))).message).to.match(/system\.db is damaged: [\s\S]*backup of it/);
      const foreign = new Database(`${dir}/foreign.db`);
      foreign.exec('CREATE TABLE songs (title TEXT)');
      foreign.close();
      const before = await readFile(`${dir}/foreign.db`);
      for (const asItIs of [false, true])
        expect((await failureOf(openSqliteStorage({ path: `${dir}/foreign.db`, asItIs }))).message).to.match(/another program/);
      expect(await readFile(`${dir}/foreign.db`)).to.deep.equal(before);
    }));

  it('opened as it is, makes no file and no table', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      expect((await failureOf(openSqliteStorage({ path, asItIs: true }))).code).to.equal('not-found');
      expect(await readdir(dir)).to.deep.equal([]);
      await writeFile(path, '');
      expect((await failureOf(openSqliteStorage({ path, asItIs: true }))).message).to.match(/system\.db is empty/);
      expect((await stat(path)).size).to.equal(0);
    }));

  it('refuses what would be stored where nobody finds it, once its files are moved or replaced, until they are back', () =>
    withStorage(async ({ stores, path }) => {
      for (const file of [path, `${path}-wal`]) {
        await rename(file, `${file}.moved`);
        expect((await failureOf(stores.outbox.add(buildOutboxDraft()))).message).to.match(/was moved or removed while Kept runs/);
        await writeFile(file, '');
        expect((await failureOf(stores.outbox.add(buildOutboxDraft()))).message).to.match(/was replaced while Kept runs/);
        await rename(`${file}.moved`, file);
      }
      await stores.outbox.add(buildOutboxDraft());
    }));

  it('writes the WAL into the database once nothing more is written', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      const writing = await openWriter(path);
      const checkpoints = makeCheckpoints(writing, undefined, 20);
      await writing.query('CREATE TABLE t (x TEXT)');
      const before = (await stat(path)).size;
      await writing.query('INSERT INTO t VALUES (?)', ['y'.repeat(100_000)]);
      checkpoints.committed();
      while ((await stat(path)).size < before + 90_000) await turnOfTheLoop();
      checkpoints.close();
      await writing.close();
    }));
});
