import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { connect } from '../../../src/adapters/postgres/connection.ts';
import { MIGRATIONS } from '../../../src/adapters/postgres/migrations/index.ts';
import { openPostgresStorage, type PostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { type AgentPromise, promiseId } from '../../../src/domain/index.ts';
import type { PortError, PortErrorCode } from '../../../src/ports/index.ts';
import {
  buildEntry,
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { administer, postgresServer } from '../../support/postgres.ts';
import { withPostgres } from '../../support/postgres-storage.ts';

const one = (use: (storage: PostgresStorage, url: string) => Promise<void>): Promise<void> =>
  withPostgres(([storage], url) => use(storage as PostgresStorage, url));

/** Everything that a log could show of an error. */
const wholeOf = ({ message, stack, cause, ...rest }: PortError): string => {
  const inner = cause instanceof Error ? [cause.message, cause.stack, Object.entries(cause)] : cause;
  return JSON.stringify([message, stack, inner, rest]);
};

const completed = (promise: AgentPromise, result: string): AgentPromise =>
  promiseAfter(
    promise,
    { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 1_000 },
    { type: 'complete', at: START + 2_345, workerId: 'w1', attempt: 1, result },
  );

describe('PostgreSQL storage: the database', function () {
  this.timeout(30_000);

  const emptyDatabase = async (name: string): Promise<string> => {
    const server = await postgresServer();
    await administer(server.urlOf('postgres'), (client) => client.query(`CREATE DATABASE ${name}`));
    return server.urlOf(name);
  };

  it('creates its tables once when four processes open it at the same moment', async () => {
    const url = await emptyDatabase('kept_opened_by_four');
    const storages = await Promise.all([1, 2, 3, 4].map(() => openPostgresStorage({ url })));
    for (const [i, { stores }] of storages.entries()) await stores.messages.add(buildRecord({ messageId: telegramMessage(i + 1) }));
    for (const { stores, close } of storages) {
      assert.equal((await stores.messages.stats()).open, 4);
      await close();
    }
  });

  it('removes all tables, and nothing else, when every migration is undone', async () => {
    const url = await emptyDatabase('kept_undone');
    await (await openPostgresStorage({ url })).close();
    const { dataSource } = await connect({ url }, 2);
    for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
    await dataSource.destroy();
    const left = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S') ORDER BY relname";
    const { rows } = await administer(url, (client) => client.query(left));
    assert.deepEqual(rows, [{ relname: 'schema_migrations' }, { relname: 'schema_migrations_id_seq' }]);
  });

  it('refuses a database of a newer version and names the unknown migration', () =>
    one(async (_, url) => {
      await administer(url, (client) => client.query(`INSERT INTO schema_migrations (timestamp, name) VALUES (9, 'FromTheFuture9')`));
      const error = await failureOf(openPostgresStorage({ url }));
      assert.deepEqual([error.code, error.retryable], ['invalid-request', false]);
      assert.match(error.message, /newer version of Kept .*FromTheFuture9/);
    }));

  it('names host and port, and no password, of a database that can’t be opened', async () => {
    const { port } = await postgresServer();
    const refusals: [string, PortErrorCode][] = [
      [`postgres://kept:wrong-password@127.0.0.1:${port}/postgres`, 'unauthorised'],
      [`postgres://nobody:wrong-password@127.0.0.1:${port}/postgres`, 'unauthorised'],
      [`postgres://kept@127.0.0.1:${port}/postgres`, 'unauthorised'],
      [`postgres://kept:embedded@127.0.0.1:${port}/nowhere`, 'not-found'],
      ['postgres://kept:wrong-password@127.0.0.1:1/postgres', 'unavailable'],
      ['postgres://kept:wrong-password@no-such-host.invalid:5432/postgres', 'unavailable'],
    ];
    for (const [url, code] of refusals) {
      const error = await failureOf(openPostgresStorage({ url }));
      assert.equal(error.code, code, error.message);
      assert.equal(error.retryable, code === 'unavailable');
      const { host, pathname } = new URL(url);
      assert.ok(error.message.startsWith(`PostgreSQL at ${host}${pathname} `), error.message);
      assert.ok(!/wrong-password|embedded/.test(wholeOf(error)), wholeOf(error));
    }
  });

  it('stores what was asked for before it is closed, and refuses at once what comes later', () =>
    withPostgres(
      async ([storage, other]) => {
        assert.ok(storage && other);
        const adds = Array.from({ length: 30 }, (_, i) => storage.stores.messages.add(buildRecord({ messageId: telegramMessage(i + 1) })));
        const closing = storage.close();
        assert.equal((await failureOf(storage.stores.promises.stats())).code, 'unavailable');
        await Promise.all([...adds, closing]);
        assert.equal((await other.stores.messages.stats()).open, 30);
      },
      { count: 2 },
    ));
});

describe('PostgreSQL storage: stored values', function () {
  this.timeout(30_000);

  it('answers the documented queries as they are printed', () =>
    one(async ({ stores: { promises }, sql }) => {
      const [asked, kept, earlier] = [1, 2, 3].map((id) => buildPromise({ id: promiseId(id), description: `Find hotels ${id}` }));
      assert.ok(asked && kept && earlier);
      await promises.add([asked, completed(kept, 'Three timetables'), completed({ ...earlier, createdAt: START - 9 }, 'Done')]);
      assert.deepEqual(
        await sql.read("SELECT id, task_description, status, created_at FROM promises WHERE status='pending' ORDER BY created_at;"),
        [{ id: 1, task_description: 'Find hotels 1', status: 'pending', created_at: '2026-11-22T12:00:00.000Z' }],
      );
      assert.deepEqual(await sql.read('SELECT status, COUNT(*) as count FROM promises GROUP BY status ORDER BY status;'), [
        { status: 'completed', count: 2 },
        { status: 'pending', count: 1 },
      ]);
      const latest =
        "SELECT task_description, completed_at, result_summary FROM promises WHERE status='completed' ORDER BY completed_at DESC LIMIT 5;";
      assert.equal((await sql.read<{ completed_at: string }>(latest))[0]?.completed_at, '2026-11-22T12:00:02.345Z');
    }));

  it('returns every text as it was stored, with U+FFFD for characters that PostgreSQL lacks', () =>
    one(async ({ stores: { promises, messages, conversations, outbox }, state }) => {
      let id = 0;
      const text = fc.string({ unit: 'binary', maxLength: 30 }).map((value) => `${value}\0\ud83d\\u0000\\ud83d'"\\\u2028`);
      await fc.assert(
        fc.asyncProperty(text, fc.json(), async (words, json) => {
          id++;
          const kept = words.replaceAll('\0', '\ufffd').toWellFormed();
          const metadata = { words: kept, json: JSON.parse(json) as unknown };
          const build = (its: string) =>
            completed(buildPromise({ id: promiseId(id), description: its, idempotencyKey: `${id}${its}`, metadata }), its);
          await promises.add([build(words)]);
          assert.deepEqual(await promises.get(promiseId(id)), build(kept));
          const record = (its: string) =>
            buildRecord({ messageId: telegramMessage(id), text: its, sender: { id: 501 as never, displayName: its, kind: 'person' } });
          await messages.add(record(words));
          assert.deepEqual(await messages.get(telegramChat(501), telegramMessage(id)), record(kept));
          await conversations.append([buildEntry(words)]);
          assert.deepEqual(await conversations.recent(telegramChat(501), 1), [buildEntry(kept)]);
          await outbox.add(buildOutboxDraft({ text: words, dedupeKey: `${id}`, answers: [telegramMessage(id)] }));
          assert.equal((await outbox.answering(telegramChat(501), telegramMessage(id)))[0]?.text, kept);
          await state('g').set(new Map([[words, words]]));
          assert.deepEqual(await state('g').list(words), new Map([[kept, kept]]));
        }),
        { numRuns: 60 },
      );
    }));

  it('never hands out again a number that was reserved by a unit of work that rejects', () =>
    one(async ({ stores, unitOfWork }) => {
      const leaked: number[] = [];
      const run = unitOfWork.run(async ({ promises }) => {
        leaked.push(...(await promises.reserveIds(3)));
        throw new RangeError('no');
      });
      await assert.rejects(run, RangeError);
      assert.deepEqual(leaked, [1, 2, 3]);
      assert.deepEqual(await stores.promises.reserveIds(1), [4]);
    }));

  it('keeps what people wrote out of the errors of refused statements', () =>
    one(async ({ stores: { promises }, sql }) => {
      const secret = 'the key under the mat';
      await promises.add([buildPromise()]);
      const refused: [Promise<unknown>, PortErrorCode][] = [
        [promises.add([buildPromise({ description: secret })]), 'concurrency'],
        [promises.add([buildPromise({ id: promiseId(2), priority: 11, description: secret })]), 'invalid-request'],
        [sql.read('SELECT * FROM promises WHERE id = ?', [secret]), 'invalid-request'],
        [sql.write(({ query }) => query(`INSERT INTO counters (name, value) VALUES (?, 1), (?, 1)`, [secret, secret])), 'concurrency'],
      ];
      for (const [refusal, code] of refused) {
        const error = await failureOf(refusal);
        assert.equal(error.code, code);
        assert.ok(!wholeOf(error).includes(secret), wholeOf(error));
      }
    }));
});
