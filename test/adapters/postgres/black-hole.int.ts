import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { makeBoss } from '../../../src/adapters/postgres/jobs/boss.ts';
import { openPostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { promiseId } from '../../../src/domain/index.ts';
import type { ChangeFeed } from '../../../src/ports/index.ts';
import { buildPromise, buildRecord, portFailure, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { withPostgres } from '../../support/postgres-storage.ts';

const hint = (feed: ChangeFeed): Promise<void> =>
  new Promise((resolve) => {
    const unsubscribe = feed.subscribe(() => {
      unsubscribe();
      resolve();
    });
  });

describe('PostgreSQL storage: a network that swallows everything', function () {
  this.timeout(60_000);

  it('refuses every call long before a lease runs out, keeps polling, and recovers afterwards', () =>
    withPostgres(async ([other], url) => {
      assert.ok(other);
      const way = await openBlackHole(Number(new URL(url).port));
      const through = new URL(url);
      through.port = String(way.port);
      const storage = await openPostgresStorage({ url: through.href });
      const write = (id: number) => storage.stores.promises.add([buildPromise({ id: promiseId(id) })]);
      try {
        const { changes, stores, unitOfWork } = storage;
        await Promise.all([
          hint(changes),
          write(1),
          stores.promises.stats(),
          stores.messages.stats(),
          unitOfWork.run(async () => undefined),
        ]);
        const midway = Promise.withResolvers<void>();
        const begun = Promise.withResolvers<void>();
        const interrupted = unitOfWork.run(async ({ messages }) => {
          await messages.add(buildRecord({ messageId: telegramMessage(1) }));
          begun.resolve();
          await midway.promise;
        });
        await begun.promise;
        // Its commit is told of by NOTIFY, which gets no answer.
        await write(2);
        way.swallow();
        const from = performance.now();
        midway.resolve();
        const calls = [
          interrupted,
          write(3),
          stores.promises.stats(),
          unitOfWork.run(({ promises }) => promises.update([promiseId(1)], () => undefined)),
        ];
        const refused = Promise.allSettled(calls);
        for (let polls = 0; polls < 3; polls++) await hint(changes);
        assert.ok(performance.now() - from < 9_000, 'the poll goes on');
        for (const call of await refused) assert.ok(call.status === 'rejected' && portFailure('unavailable')(call.reason));
        assert.ok(performance.now() - from < 15_000, `refused after ${performance.now() - from} ms`);
        way.passAgain();
        await write(4);
        assert.equal(await stores.messages.get(telegramChat(501), telegramMessage(1)), undefined);
        // Heard of by NOTIFY again: the poll alone would tell within 100 ms of one in ten.
        for (let id = 5, quick = 0; quick < 5; id++) {
          const [told, at] = [hint(changes), performance.now()];
          await other.stores.promises.add([buildPromise({ id: promiseId(id) })]);
          await told;
          quick = performance.now() - at < 100 ? quick + 1 : 0;
        }
      } finally {
        await storage.close();
        way.close();
      }
    }));

  it('waits for a connection as long as configured, in the storage and in its queue', () =>
    withPostgres(async (_, url) => {
      const way = await openBlackHole(Number(new URL(url).port));
      const through = new URL(url);
      through.port = String(way.port);
      const reach = { url: `${through.href}?connect_timeout=1&channel_binding=require`, connectTimeoutMs: 1_000, bindsChannel: true };
      try {
        await (await openPostgresStorage(reach)).close();
        const boss = makeBoss(reach);
        await boss.start();
        await boss.close();
        way.swallow();
        for (const open of [() => openPostgresStorage(reach), () => makeBoss(reach).start()]) {
          const from = performance.now();
          await assert.rejects(open(), portFailure('unavailable'));
          const waitedMs = performance.now() - from;
          assert.ok(waitedMs > 900 && waitedMs < 5_000, `refused after ${waitedMs} ms`);
        }
      } finally {
        way.close();
      }
    }));
});
