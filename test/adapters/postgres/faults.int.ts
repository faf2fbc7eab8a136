import { strict as assert } from 'node:assert';
import { before, describe, it } from 'mocha';
import type { PostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { buildOutboxDraft, buildPromise, buildRecord, portFailure, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { type PostgresServer, startServer } from '../../support/postgres.ts';
import { withPostgres } from '../../support/postgres-storage.ts';

/** A turn's writes in one unit: a message, its verdict, a promise and a reply. */
const writeTurn = ({ unitOfWork }: PostgresStorage, n: number): Promise<void> =>
  unitOfWork.run(async ({ messages, promises, outbox }) => {
    await messages.add(buildRecord({ messageId: telegramMessage(n) }));
    await promises.add([buildPromise({ id: promiseId(n) })]);
    await outbox.add(buildOutboxDraft({ dedupeKey: `turn:${n}`, answers: [telegramMessage(n)] }));
    await messages.settle(telegramChat(501), [telegramMessage(n)], { kind: 'remembered' });
  });

/** How much of the turn is stored: 3 is all. */
const partsOf = async ({ stores }: PostgresStorage, n: number): Promise<number> => {
  const record = await stores.messages.get(telegramChat(501), telegramMessage(n));
  const promise = await stores.promises.get(promiseId(n));
  const [reply] = await stores.outbox.answering(telegramChat(501), telegramMessage(n));
  return [record?.verdict, promise, reply].filter((part) => part !== undefined).length;
};

describe('PostgreSQL storage: a server that fails', function () {
  this.timeout(60_000);
  let server: PostgresServer;
  before(async () => {
    server = await startServer();
  });
  const on = (use: (storages: readonly PostgresStorage[]) => Promise<void>, count = 1) => withPostgres(use, { count, server });

  it('stores every acknowledged unit when the server is killed, and any other unit whole or not at all', () =>
    on(async ([storage]) => {
      assert.ok(storage);
      for (let round = 0; round < 2; round++) {
        const first = round * 10_000 + 1;
        const acknowledged = new Set<number>();
        const enough = Promise.withResolvers<void>();
        let next = first;
        const write = async (): Promise<void> => {
          for (;;) {
            const n = next++;
            await writeTurn(storage, n);
            acknowledged.add(n);
            if (acknowledged.size === 40 + round * 23) enough.resolve();
          }
        };
        const writers = Promise.allSettled(Array.from({ length: 8 }, write));
        await enough.promise;
        await server.kill();
        for (const writer of await writers) assert.ok(writer.status === 'rejected' && portFailure('unavailable')(writer.reason));
        await server.start();
        for (let n = first; n < next; n++) {
          const parts = await partsOf(storage, n);
          if (acknowledged.has(n)) assert.equal(parts, 3, `turn ${n} was acknowledged`);
          else assert.ok(parts === 0 || parts === 3, `turn ${n} has ${parts} of 3 parts`);
        }
      }
    }));

  it('stores every turn once when the server restarts under load and failed calls are repeated', () =>
    on(async ([storage]) => {
      assert.ok(storage);
      const insist = async (n: number): Promise<void> => {
        for (;;) {
          try {
            return await writeTurn(storage, n);
          } catch (error) {
            // A commit whose outcome was not known may have been stored.
            if (isPortError(error) && error.code === 'concurrency' && (await partsOf(storage, n)) === 3) return;
            if (!isPortError(error) || !error.retryable) throw error;
          }
        }
      };
      const numbers = Array.from({ length: 400 }, (_, i) => i + 1);
      const half = Promise.withResolvers<void>();
      const writers = Array.from({ length: 8 }, async () => {
        for (let n = numbers.shift(); n !== undefined; n = numbers.shift()) {
          await insist(n);
          if (n === 150) half.resolve();
        }
      });
      await half.promise;
      await server.restart();
      await Promise.all(writers);
      assert.equal((await storage.stores.messages.stats()).remembered, 400);
      assert.equal((await storage.stores.outbox.stats()).pending, 400);
      assert.equal((await storage.stores.promises.stats()).pending, 400);
    }));

  it('refuses every call as unavailable while the server is away, and recovers by itself, with its change feed', () =>
    on(async ([storage, other]) => {
      assert.ok(storage && other);
      const told: number[] = [];
      storage.changes.subscribe(() => told.push(performance.now()));
      await writeTurn(storage, 1);
      await server.stop();
      const calls = [
        storage.stores.promises.stats(),
        storage.stores.promises.reserveIds(1),
        storage.state('g').set(new Map([['a', 'b']])),
        storage.unitOfWork.run(({ promises }) => promises.update([promiseId(1)], () => undefined)),
        writeTurn(storage, 2),
      ];
      for (const call of await Promise.allSettled(calls)) {
        assert.ok(call.status === 'rejected' && portFailure('unavailable')(call.reason));
        assert.ok(isPortError(call.reason) && call.reason.retryable);
      }
      await server.start();
      await writeTurn(storage, 2);
      assert.equal(await partsOf(storage, 2), 3);
      // Heard of by NOTIFY: the poll alone would tell within 100 ms of one in ten.
      for (let n = 3, quick = 0; quick < 5; n++) {
        const [before, begun] = [told.length, performance.now()];
        await writeTurn(other, n);
        while (told.length === before) await new Promise(setImmediate);
        quick = performance.now() - begun < 100 ? quick + 1 : 0;
      }
    }, 2));
});
