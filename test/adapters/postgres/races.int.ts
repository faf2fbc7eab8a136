import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import type { PostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { type AgentPromise, promiseId } from '../../../src/domain/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import {
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  carryOut,
  portFailure,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { administer } from '../../support/postgres.ts';
import { withPostgres } from '../../support/postgres-storage.ts';

const [A, B, C] = [promiseId(1), promiseId(2), promiseId(3)] as const;
const child = buildPromise({ id: C, dependsOn: [A, B] });
const cancelled = (promise: AgentPromise): AgentPromise => promiseAfter(promise, { type: 'cancel', at: START, reason: 'no need' });

/** Resolves for everybody once `count` have come; who comes again later does not wait. */
const barrier = (count: number): (() => Promise<void>) => {
  const all = Promise.withResolvers<void>();
  return () => {
    if (--count === 0) all.resolve();
    return all.promise;
  };
};

/** Resolves when `count` connections to the database wait for a lock. */
const untilBlocked = (url: string, count = 1): Promise<void> =>
  administer(url, async (client) => {
    const blocked = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    while ((await client.query(blocked)).rowCount !== count);
  });

const terminate = (url: string, pid?: number): Promise<unknown> =>
  administer(url, (client) =>
    client.query(
      'SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid = coalesce($1, pid)',
      [pid],
    ),
  );

const two = <T>(use: (first: PostgresStorage, second: PostgresStorage, url: string) => Promise<T>): Promise<T> =>
  withPostgres(([first, second], url) => use(first as PostgresStorage, second as PostgresStorage, url), { count: 2 });

describe('PostgreSQL storage: units of work that race', function () {
  this.timeout(30_000);

  it('shows both parents settled to the second of two units that settle them side by side', () =>
    two(async (first, second) => {
      await first.stores.promises.add([buildPromise({ id: A }), buildPromise({ id: B }), child]);
      const saved = barrier(2);
      const settle = ({ unitOfWork }: PostgresStorage, id: typeof A) =>
        unitOfWork.run(async ({ promises }) => {
          await promises.update([id], cancelled);
          await saved();
          assert.deepEqual(
            (await promises.waitingOn([id])).map((waiting) => waiting.id),
            [C],
          );
          return (await promises.getMany([A, B])).filter(({ status }) => status === 'cancelled').length;
        });
      assert.deepEqual((await Promise.all([settle(first, A), settle(second, B)])).toSorted(), [1, 2]);
    }));

  for (const [how, before] of [
    ['is made', undefined],
    ['is retried', promiseAfter(child, { type: 'cancel', at: START, reason: 'no need' })],
  ] as const) {
    const begin = async (promises: PostgresStorage['stores']['promises']): Promise<void> => {
      if (before) await carryOut(promises, before.id, { type: 'retry', at: START });
      else await promises.add([child]);
    };

    it(`makes a child that ${how} while its parent settles wait until it sees the parent settled`, () =>
      two(async (first, second, url) => {
        await first.stores.promises.add([buildPromise({ id: A }), buildPromise({ id: B }), ...(before ? [before] : [])]);
        const saved = Promise.withResolvers<void>();
        const commit = Promise.withResolvers<void>();
        const settling = first.unitOfWork.run(async ({ promises }) => {
          await promises.update([A], cancelled);
          assert.deepEqual(await promises.waitingOn([A]), []);
          saved.resolve();
          await commit.promise;
        });
        await saved.promise;
        const beginning = second.unitOfWork.run(async ({ promises }) => {
          await begin(promises);
          return (await promises.getMany([A]))[0]?.status;
        });
        await untilBlocked(url);
        commit.resolve();
        assert.deepEqual(await Promise.all([settling, beginning]), [undefined, 'cancelled']);
      }));

    it(`makes a parent that settles while its child ${how} wait until it sees the child`, () =>
      two(async (first, second, url) => {
        await first.stores.promises.add([buildPromise({ id: A }), buildPromise({ id: B }), ...(before ? [before] : [])]);
        const begun = Promise.withResolvers<void>();
        const commit = Promise.withResolvers<void>();
        const beginning = first.unitOfWork.run(async ({ promises }) => {
          await begin(promises);
          begun.resolve();
          await commit.promise;
        });
        await begun.promise;
        const settling = second.unitOfWork.run(async ({ promises }) => {
          await promises.update([A], cancelled);
          return (await promises.waitingOn([A])).map(({ id }) => id);
        });
        await untilBlocked(url);
        commit.resolve();
        assert.deepEqual(await Promise.all([beginning, settling]), [undefined, [C]]);
      }));
  }

  it('repeats a unit after a deadlock, so that both commit', () =>
    two(async (first, second) => {
      await first.stores.promises.add([buildPromise({ id: A }), buildPromise({ id: B })]);
      const held = barrier(2);
      let runs = 0;
      const cancelBoth = ({ unitOfWork }: PostgresStorage, one: typeof A, other: typeof A) =>
        unitOfWork.run(async ({ promises, outbox }) => {
          runs++;
          await promises.update([one], () => undefined);
          await held();
          await promises.update([other], () => undefined);
          await outbox.add(buildOutboxDraft({ dedupeKey: `${one}` }));
        });
      await Promise.all([cancelBoth(first, A, B), cancelBoth(second, B, A)]);
      assert.equal(runs, 3);
      assert.equal((await first.stores.outbox.stats()).pending, 2);
    }));

  it('pins a username once, and shows the owner to the unit that comes at the same moment', () =>
    two(async (first, second, url) => {
      const looked = Promise.withResolvers<void>();
      const pin = Promise.withResolvers<void>();
      const pinning = first.unitOfWork.run(async ({ usernames }) => {
        const pinned = await usernames.pinned('ada');
        looked.resolve();
        await pin.promise;
        await usernames.pin('ada', telegramUser(1));
        return pinned;
      });
      await looked.promise;
      const looking = second.unitOfWork.run(({ usernames }) => usernames.pinned('ada'));
      await untilBlocked(url);
      pin.resolve();
      assert.deepEqual(await Promise.all([pinning, looking]), [undefined, telegramUser(1)]);
    }));

  it('lets one of two units settle a message; the other is refused and may go on', () =>
    two(async (first, second) => {
      await first.stores.messages.add(buildRecord());
      const looked = barrier(2);
      const settle = ({ unitOfWork }: PostgresStorage) =>
        unitOfWork.run(async ({ messages, outbox }) => {
          await messages.open(telegramChat(501), 10);
          await looked();
          try {
            await messages.settle(telegramChat(501), [telegramMessage(1)], { kind: 'remembered' });
            return true;
          } catch (error) {
            portFailure('concurrency')(error);
            await outbox.add(buildOutboxDraft());
            return false;
          }
        });
      assert.deepEqual((await Promise.all([settle(first), settle(second)])).toSorted(), [false, true]);
      assert.equal((await first.stores.outbox.stats()).pending, 1);
    }));

  it('changes one promise 50 times by 50 units in parallel', () =>
    two(async (first, second) => {
      await first.stores.promises.add([buildPromise()]);
      await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          [first, second][i % 2]?.unitOfWork.run(async ({ promises }) => {
            await promises.update([A], (stored) => stored);
          }),
        ),
      );
      assert.equal((await first.stores.promises.get(A))?.version, 50);
    }));
});

describe('PostgreSQL storage: connections that end', function () {
  this.timeout(30_000);

  it('repeats a unit whose connection is lost in the middle, and commits it once', () =>
    two(async ({ sql, stores, unitOfWork }, _, url) => {
      let runs = 0;
      await sql.write(async ({ query }) => {
        runs++;
        await query(`INSERT INTO username_pins (username, user_id) VALUES ('ada', 'telegram:1')`);
        const [row] = await query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        if (runs === 1) await terminate(url, row?.pid);
        await query(`INSERT INTO username_pins (username, user_id) VALUES ('grace', 'telegram:2')`);
      });
      assert.equal(runs, 2);
      assert.equal(await stores.usernames.pinned('ada'), telegramUser(1));
      // The job's own handling does not hide that the database has forgotten half of it.
      await unitOfWork.run(async (unit) => {
        await unit.messages.add(buildRecord());
        if (++runs === 3) await terminate(url);
        await unit.usernames.pinned('ada').catch((error: unknown) => assert.ok(isPortError(error)));
      });
      assert.equal(runs, 4);
      assert.equal((await stores.messages.stats()).open, 1);
    }));

  it('does not repeat a unit whose connection is lost at the commit, and reports that its outcome is unknown', () =>
    two(async ({ sql, stores }, _, url) => {
      await administer(url, (client) =>
        client.query(`CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(60); RETURN NULL; END';
          CREATE CONSTRAINT TRIGGER rest AFTER INSERT ON username_pins DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rest()`),
      );
      let runs = 0;
      let pid = 0;
      const writing = sql.write(async ({ query }) => {
        runs++;
        await query(`INSERT INTO username_pins (username, user_id) VALUES ('ada', 'telegram:1')`);
        pid = (await query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))[0]?.pid ?? 0;
      });
      const resting = `SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'`;
      await administer(url, async (client) => {
        while ((await client.query(resting)).rows[0]?.pid !== pid || pid === 0);
      });
      const refused = assert.rejects(writing, (error) => {
        assert.match(portFailure('unavailable')(error) && isPortError(error) ? error.message : '', /was lost at a commit: .* not known/);
        return true;
      });
      await terminate(url, pid);
      await refused;
      assert.equal(runs, 1);
      assert.equal(await stores.usernames.pinned('ada'), undefined);
    }));

  it('replaces lost idle connections unnoticed', () =>
    two(async ({ stores, unitOfWork }, _, url) => {
      await Promise.all(Array.from({ length: 10 }, () => stores.promises.stats()));
      for (let round = 0; round < 5; round++) {
        await terminate(url);
        const id = telegramMessage(round + 1);
        await Promise.all([stores.messages.stats(), unitOfWork.run(({ messages }) => messages.add(buildRecord({ messageId: id })))]);
      }
      assert.equal((await stores.messages.stats()).open, 5);
    }));

  it('prepares its statements again after the tables have changed', () =>
    two(async ({ stores, unitOfWork }, _, url) => {
      await stores.promises.add([buildPromise()]);
      const eight = (look: () => Promise<unknown>) => Promise.all(Array.from({ length: 8 }, look));
      const looks = [() => stores.promises.getMany([A]), () => unitOfWork.run(({ promises }) => promises.update([A], () => undefined))];
      for (const [i, look] of looks.entries()) {
        for (let known = 0; known < 8; known++) await eight(look);
        await administer(url, (client) => client.query(`ALTER TABLE promises ADD COLUMN later_${i} text`));
        // One look may meet all eight connections, one after the other.
        for (const found of [await look(), ...(await eight(look))]) assert.deepEqual(found, [buildPromise()]);
      }
    }));

  it('refuses a unit of work inside another, and a use of one that has ended', () =>
    two(async ({ unitOfWork, stores }) => {
      await unitOfWork.run(async () => assert.rejects(stores.messages.add(buildRecord()), portFailure('invalid-request')));
      const leaked = await unitOfWork.run(async (unit) => unit.messages);
      await assert.rejects(leaked.add(buildRecord()), portFailure('invalid-request'));
    }));

  it('rolls back the whole unit if a statement that nobody waits for fails at the commit, and keeps the connection usable', () =>
    two(async ({ sql, stores }) => {
      const pin = (username: string) => `INSERT INTO username_pins (username, user_id) VALUES ('${username}', 'telegram:1')`;
      const pinning = sql.write(async ({ query }) => {
        await query(pin('ada'));
        await query(pin('ada'));
      });
      await assert.rejects(pinning, portFailure('concurrency'));
      assert.equal(await stores.usernames.pinned('ada'), undefined);
      await sql.write(({ query }) => query(pin('ada')));
      assert.equal(await stores.usernames.pinned('ada'), telegramUser(1));
    }));

  it('ends a unit whose value is refused, even if the unit catches the error', () =>
    two(async ({ unitOfWork, stores }) => {
      const run = unitOfWork.run(async ({ messages, promises }) => {
        await messages.add(buildRecord());
        await assert.rejects(promises.add([buildPromise({ priority: 11 })]), portFailure('invalid-request'));
      });
      await assert.rejects(run, portFailure('invalid-request'));
      assert.equal((await stores.messages.stats()).open, 0);
    }));
});
