import { cp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import Database from 'better-sqlite3-13';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeCheckpoints } from '../../../src/adapters/sqlite/checkpoints.ts';
import { openWriter } from '../../../src/adapters/sqlite/connection.ts';
import { requireSound } from '../../../src/adapters/sqlite/files.ts';
import { lossOf } from '../../../src/adapters/sqlite/mark.ts';
import { openSqliteStorage } from '../../../src/adapters/sqlite/storage.ts';
import { buildOutboxDraft, buildRecord } from '../../../src/testing/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { inDirectory, openStorage, withStorage } from '../../support/sqlite-storage.ts';

describe('SQLite storage: lost, damaged and moved data', () => {
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
    it(`refuses a database when ${what}, says what to do, and opens it once the mark is removed`, () =>
      afterKill(lose, async (path) => {
        for (const asItIs of [false, true]) {
          const error = await failureOf(openSqliteStorage({ path, asItIs }));
          expect(error.message).to.match(/Replace it with a backup/);
        }
        expect((await failureOf(openStorage(path))).code).to.equal('storage-corrupt');
        expect(await readMarkOf(path), 'the mark stands').to.include({ entries: 3 });
        await rm(`${path}.mark`);
        await (await openStorage(path)).close();
      }));

  it('takes fewer entries, fewer numbers or another id for a loss, and nothing else', () => {
    const mark = { id: 7, entries: 3, numbers: 2, at: '2026-01-02T03:04:05.678Z' };
    for (const state of [undefined, { ...mark, id: 8 }, { ...mark, entries: 2 }, { ...mark, numbers: 1 }])
      expect(lossOf('system.db', mark, state)).to.match(
        /^stored data is missing: on 2026-01-02 03:04:05 UTC system\.db held 3 entries and 2/,
      );
    for (const state of [mark, { ...mark, entries: 4, numbers: 9 }]) expect(lossOf('system.db', mark, state)).to.equal(undefined);
    expect(lossOf('system.db', undefined, undefined)).to.equal(undefined);
  });

  it('refuses a database in which SQLite finds an error', async () => {
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

  it('opens a sound database whose mark is damaged, and writes a new mark', () =>
    afterKill(
      (path) => writeFile(`${path}.mark`, '{"id":'),
      async (path) => {
        await (await openStorage(path)).close();
        expect(await readMarkOf(path)).to.include({ entries: 3 });
      },
    ));

  it('opens a database after a kill that lost nothing', () =>
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
      const damaged = await failureOf(openStorage(path));
      expect(damaged.message).to.match(/system\.db is damaged: /);
      expect(damaged.help).to.match(/stop Kept, move .* bring back a backup/);
      const foreign = new Database(`${dir}/foreign.db`);
      foreign.exec('CREATE TABLE songs (title TEXT)');
      foreign.close();
      const before = await readFile(`${dir}/foreign.db`);
      for (const asItIs of [false, true])
        expect((await failureOf(openSqliteStorage({ path: `${dir}/foreign.db`, asItIs }))).message).to.match(/another program/);
      expect(await readFile(`${dir}/foreign.db`)).to.deep.equal(before);
    }));

  it('creates no file and no table when it is opened as it is', () =>
    inDirectory(async (dir) => {
      const path = `${dir}/system.db`;
      expect((await failureOf(openSqliteStorage({ path, asItIs: true }))).code).to.equal('not-found');
      expect(await readdir(dir)).to.deep.equal([]);
      await writeFile(path, '');
      expect((await failureOf(openSqliteStorage({ path, asItIs: true }))).message).to.match(/system\.db is empty/);
      expect((await stat(path)).size).to.equal(0);
    }));

  it('refuses writes while its files are moved or replaced, and works again once they are back', () =>
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

  it('writes the WAL into the database when writes have stopped', () =>
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
