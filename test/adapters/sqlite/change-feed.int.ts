import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeSqliteChangeFeed } from '../../../src/adapters/sqlite/change-feed.ts';
import { buildRecord, changeFeedContract, runContract, telegramMessage } from '../../../src/testing/index.ts';
import { startWorker } from '../../support/sqlite-process.ts';
import { inDirectory, openFreshStorage, openStorage, withStorage } from '../../support/sqlite-storage.ts';

/** Resolves at the first hint at which `condition` holds. */
const hint = (
  feed: { subscribe(listener: () => void): () => void },
  condition: () => boolean | Promise<boolean> = () => true,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const unsubscribe = feed.subscribe(() => {
      Promise.resolve(condition()).then((holds) => {
        if (!holds) return;
        unsubscribe();
        resolve();
      }, reject);
    });
  });

runContract({ describe, it }, 'ChangeFeed: sqlite', changeFeedContract, async () => {
  const { subject: storage, close } = await openFreshStorage();
  const subject = makeSqliteChangeFeed(storage.path);
  return {
    subject,
    close: async () => {
      subject.close();
      await close();
    },
  };
});

describe('SQLite change feed', () => {
  it('tells of each commit long before the poll, and only once it can be seen', () =>
    withStorage(async (storage) => {
      const feed = makeSqliteChangeFeed(storage.path);
      const begun = performance.now();
      for (let id = 1; id <= 20; id++) {
        const told = hint(feed, async () => (await storage.stores.messages.stats()).open === id);
        await storage.stores.messages.add(buildRecord({ messageId: telegramMessage(id) }));
        await told;
      }
      // The poll alone would take 20 s.
      expect(performance.now() - begun).to.be.below(10_000);
      feed.close();
    }));

  it('tells of a commit at once, even while it still rechecks after an earlier write', () =>
    withStorage(async (storage) => {
      const feed = makeSqliteChangeFeed(storage.path);
      const lagsMs: number[] = [];
      for (let id = 1; id <= 20; id++) {
        // At all distances from the commit before, up to where the looks for it are far apart.
        await delay(3 * id);
        const told = hint(feed, async () => (await storage.stores.messages.stats()).open === id).then(() => performance.now());
        await storage.stores.messages.add(buildRecord({ messageId: telegramMessage(id) }));
        const committed = performance.now();
        lagsMs.push((await told) - committed);
      }
      expect(lagsMs.toSorted((a, b) => a - b)[10]).to.be.below(4);
      feed.close();
    }));

  it('tells of what another process commits', () =>
    withStorage(async (storage) => {
      const feed = makeSqliteChangeFeed(storage.path);
      const told = hint(feed, async () => (await storage.stores.promises.stats()).pending === 10);
      const worker = startWorker('add', storage.path, 10);
      await Promise.all([told, worker.ended()]);
      feed.close();
    }));

  it('tells soon of commits of a program that does not touch the file, such as an older version', () =>
    withStorage(async (storage) => {
      const feed = makeSqliteChangeFeed(storage.path);
      const stranger = startWorker('stranger', storage.path, 150);
      await stranger.until(() => stranger.told.length > 0);
      const lagsMs: number[] = [];
      for (let number = 1; number <= 150; number++) {
        const seen = async () => (await storage.sql.read('SELECT 1 FROM counters WHERE value = ?', [number])).length > 0;
        const committed = once(stranger.child, 'message').then(([{ tookMs }]) => ({ at: performance.now(), tookMs: Number(tookMs) }));
        const told = hint(feed, seen).then(() => performance.now());
        stranger.child.send('next');
        const [{ at, tookMs }, toldAt] = await Promise.all([committed, told]);
        // A disk that takes longer than the feed looks is for the poll.
        if (tookMs < 100) lagsMs.push(toldAt - at);
        await delay(number % 7);
      }
      // The poll would come each second, and so half a second late.
      expect(lagsMs).to.have.length.above(50);
      expect(Math.max(...lagsMs)).to.be.below(250);
      await stranger.ended();
      feed.close();
    }));

  it('tells of no unit of work that rejects', () =>
    withStorage(async (storage) => {
      await storage.stores.messages.add(buildRecord());
      const feed = makeSqliteChangeFeed(storage.path);
      await hint(feed);
      let hints = 0;
      feed.subscribe(() => hints++);
      const rejected = storage.unitOfWork.run(async ({ messages }) => {
        await messages.add(buildRecord({ messageId: telegramMessage(2) }));
        throw new RangeError('no');
      });
      await rejected.catch((error: unknown) => expect(error).to.be.instanceOf(RangeError));
      await hint(feed);
      expect(hints, 'only the poll').to.equal(1);
      feed.close();
    }));

  it('keeps polling when the file is gone, and ends when it is closed', () =>
    withStorage(async (storage) => {
      const feed = makeSqliteChangeFeed(storage.path);
      await rm(`${storage.path}-wal`);
      await hint(feed);
      await hint(feed);
      let hints = 0;
      feed.subscribe(() => hints++);
      feed.close();
      // Another feed polls as often: between its first hint and its second the closed one would have polled.
      const other = makeSqliteChangeFeed(storage.path);
      await hint(other);
      await hint(other);
      other.close();
      expect(hints).to.equal(0);
    }));

  it('refuses a path without a database and names it', () =>
    inDirectory(async (dir) => {
      expect(() => makeSqliteChangeFeed(`${dir}/system.db`))
        .to.throw(`${dir}/system.db`)
        .with.property('code', 'unavailable');
      const storage = await openStorage(`${dir}/system.db`);
      makeSqliteChangeFeed(`${dir}/system.db`).close();
      await storage.close();
    }));
});
