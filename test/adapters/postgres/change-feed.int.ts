import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import type { Client } from 'pg';
import { makePostgresChangeFeed } from '../../../src/adapters/postgres/change-feed.ts';
import { connect } from '../../../src/adapters/postgres/connection.ts';
import type { PostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import type { ChangeFeed } from '../../../src/ports/index.ts';
import { buildRecord, telegramMessage } from '../../../src/testing/index.ts';
import { administer } from '../../support/postgres.ts';
import { withPostgres } from '../../support/postgres-storage.ts';

/** Resolves at the first hint at which `condition` holds. */
const hint = (feed: ChangeFeed, condition: () => boolean | Promise<boolean> = () => true): Promise<void> =>
  new Promise((resolve, reject) => {
    const unsubscribe = feed.subscribe(() => {
      Promise.resolve(condition()).then((holds) => {
        if (!holds) return;
        unsubscribe();
        resolve();
      }, reject);
    });
  });

const two = (use: (first: PostgresStorage, second: PostgresStorage, url: string) => Promise<void>): Promise<void> =>
  withPostgres(([first, second], url) => use(first as PostgresStorage, second as PostgresStorage, url), { count: 2 });

const LISTENERS = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'`;
/** Resolves to the connection that listens, once there is one. */
const listener = (url: string): Promise<number> =>
  administer(url, async (client) => {
    for (;;) {
      const [found] = (await client.query<{ pid: number }>(LISTENERS)).rows;
      if (found) return found.pid;
    }
  });

/** How often the connection has been told of changes by others, from now on. */
const heard = async (client: Client): Promise<() => number> => {
  let count = 0;
  client.on('notification', () => count++);
  await client.query('LISTEN kept_changes');
  return () => count;
};
/** The same when all that was sent before has come: what is sent last comes last. */
const toldInAll = async (client: Client, told: () => number): Promise<number> => {
  let last = false;
  client.on('notification', ({ payload }) => {
    last ||= payload === 'last';
  });
  await client.query(`NOTIFY kept_changes, 'last'`);
  while (!last) await client.query('SELECT 1');
  return told() - 1;
};

const add = (storage: PostgresStorage, id: number) => storage.stores.messages.add(buildRecord({ messageId: telegramMessage(id) }));
const openIn = async ({ stores }: PostgresStorage) => (await stores.messages.stats()).open;

describe('PostgreSQL change feed', function () {
  this.timeout(30_000);

  it('tells of each commit of another process long before the poll, and only once it can be seen', () =>
    two(async (first, second, url) => {
      const unsubscribe = second.changes.subscribe(() => undefined);
      await listener(url);
      const begun = performance.now();
      for (let id = 1; id <= 20; id++) {
        const told = hint(second.changes, async () => (await openIn(second)) === id);
        await add(first, id);
        await told;
      }
      // The poll alone would take 20 s.
      assert.ok(performance.now() - begun < 10_000);
      unsubscribe();
    }));

  it('tells of this process’s own commits at once', () =>
    two(async (first, _, url) => {
      const unsubscribe = first.changes.subscribe(() => undefined);
      await listener(url);
      await hint(first.changes);
      const begun = performance.now();
      await Promise.all([hint(first.changes), add(first, 1)]);
      assert.ok(performance.now() - begun < 900);
      unsubscribe();
    }));

  it('tells of no unit that is rolled back, changes no row or is quiet', () =>
    two((first, _, url) =>
      administer(url, async (client) => {
        const told = await heard(client);
        await add(first, 1);
        while (told() < 1) await client.query('SELECT 1');
        const rejected = first.unitOfWork.run(async ({ messages }) => {
          await messages.add(buildRecord({ messageId: telegramMessage(2) }));
          throw new RangeError('no');
        });
        await assert.rejects(rejected, RangeError);
        assert.equal(await add(first, 1), false);
        await first.sql.write(({ query }) => query('UPDATE messages SET sent_at = sent_at'), { quiet: true });
        await first.close();
        assert.equal(await toldInAll(client, told), 1);
      }),
    ));

  it('tells of many commits at once in few hints', () =>
    two(async (first, second, url) => {
      let hints = 0;
      second.changes.subscribe(() => hints++);
      await listener(url);
      const told = hint(second.changes, async () => (await openIn(second)) === 200);
      await Promise.all(Array.from({ length: 200 }, (_, i) => add(first, i + 1)));
      await told;
      assert.ok(hints < 150, `${hints} hints`);
    }));

  it('listens again when its connection is lost, and polls once for what was missed', () =>
    two(async (first, second, url) => {
      const unsubscribe = second.changes.subscribe(() => undefined);
      const pid = await listener(url);
      await administer(url, (client) => client.query('SELECT pg_terminate_backend($1)', [pid]));
      while ((await listener(url)) === pid);
      const begun = performance.now();
      for (let id = 1; id <= 5; id++) {
        const told = hint(second.changes, async () => (await openIn(second)) === id);
        await add(first, id);
        await told;
      }
      assert.ok(performance.now() - begun < 3_000);
      unsubscribe();
    }));

  it('tells of commits during the last notification before it closes', () =>
    two(async (_first, _second, url) => {
      const connection = await connect({ url }, 1);
      const feed = makePostgresChangeFeed(connection);
      await administer(url, async (client) => {
        const told = await heard(client);
        for (let i = 0; i < 5; i++) feed.committed();
        await feed.close();
        assert.equal(await toldInAll(client, told), 2);
      });
      await connection.dataSource.destroy();
    }));

  it('tells of a commit even if the process ends right after it', () =>
    two(async (first, second, url) => {
      const unsubscribe = second.changes.subscribe(() => undefined);
      await listener(url);
      await hint(second.changes);
      const begun = performance.now();
      const told = hint(second.changes, async () => (await openIn(second)) === 2);
      await Promise.all([add(first, 1), add(first, 2)]);
      await first.close();
      await told;
      assert.ok(performance.now() - begun < 900);
      unsubscribe();
    }));
});
