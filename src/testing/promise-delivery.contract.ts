import { strict as assert } from 'node:assert';
import { type PromiseSpec, promiseId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { promiseAfter as after, buildOutboxDraft, carryOut, START, undelivered } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage } from './ids.ts';
import { build, cancel, complete, everyState, fail, idsOf, read, start } from './promise-states.ts';

/** The law of `PromiseStore`: delivery and purge. */
export const promiseDeliveryContract: Contract<Storage> = {
  'counts a settled promise as undelivered until it is marked as delivered': async ({ stores: { promises } }) => {
    await promises.add(everyState());
    assert.deepEqual(idsOf(await undelivered(promises, 10)), [7, 6, 5]);
    assert.deepEqual(idsOf(await undelivered(promises, 2)), [7, 6]);
    const before = await read(promises, promiseId(6));
    await promises.markDelivered(promiseId(6), START + 60);
    assert.deepEqual(await promises.get(promiseId(6)), { ...before, deliveredAt: START + 60 });
    assert.deepEqual(idsOf(await undelivered(promises, 10)), [7, 5]);
  },

  'marks as delivered without a change of version': async ({ stores: { promises } }) => {
    const failed = after(build(1), start, fail);
    await promises.add([failed]);
    await promises.markDelivered(promiseId(1), START + 60);
    await carryOut(promises, failed.id, { type: 'retry', at: START + 70 });
    assert.equal((await read(promises, promiseId(1))).version, 1);
  },

  'marks only settled promises as delivered': async ({ stores: { promises } }) => {
    await promises.add(everyState());
    const unsettled = [1, 2, 3, 4].map(promiseId);
    const before = await promises.getMany(unsettled);
    await Promise.allSettled(unsettled.map((id) => promises.markDelivered(id, START + 60)));
    assert.deepEqual(await promises.getMany(unsettled), before);
  },

  'counts a retried promise as undelivered again': async ({ stores: { promises } }) => {
    const failed = after(build(1), start, fail);
    await promises.add([failed]);
    await promises.markDelivered(promiseId(1), START + 60);
    await carryOut(promises, promiseId(1), { type: 'retry', at: START + 70 });
    await carryOut(promises, promiseId(1), cancel);
    assert.deepEqual(idsOf(await undelivered(promises, 10)), [1]);
    assert.equal('deliveredAt' in (await read(promises, promiseId(1))), false);
  },

  'finds an outcome lost once the outbox has given it up, until it is queued again or delivered': async ({
    stores: { promises, outbox },
  }) => {
    const settled = (id: number, terms: Partial<PromiseSpec> = {}) => after(build(id, terms), start, complete);
    await promises.add([settled(1), settled(2), settled(3, { chatId: telegramChat(502) }), settled(4), build(5), settled(6)]);
    const tell = (id: number, key = 'first') =>
      outbox.add(buildOutboxDraft({ promiseId: promiseId(id), answers: [], dedupeKey: `${id}:${key}`, chatId: telegramChat(500 + id) }));
    for (const id of [6, 4, 3, 2, 1]) await tell(id);
    const due = await outbox.due(START, 10);
    for (const item of due) if (item.promiseId !== 4) await outbox.giveUp(item.id, START + 10, 'refused');
    const lost = async (chat = 501, limit = 10) => idsOf(await promises.lostOutcomes(telegramChat(chat), limit));
    assert.deepEqual(await lost(), [1, 2, 6]);
    assert.deepEqual(await lost(501, 2), [1, 2]);
    assert.deepEqual(await lost(502), [3]);
    await tell(1, 'again');
    await promises.markDelivered(promiseId(2), START + 20);
    assert.deepEqual(await lost(), [6]);
  },

  'counts outcomes that wait for long, or were given up not long ago': async ({ stores: { promises, outbox } }) => {
    const settled = (id: number) => after(build(id), start, complete);
    // 6 has nothing to tell, 7 has not settled.
    await promises.add([...[1, 2, 3, 4, 5, 6].map(settled), build(7)]);
    for (const id of [1, 2, 3, 4, 5, 7])
      await outbox.add(
        buildOutboxDraft({
          promiseId: promiseId(id),
          answers: [],
          dedupeKey: `${id}`,
          chatId: telegramChat(500 + id),
          createdAt: START + id,
        }),
      );
    const due = await outbox.due(START + 10, 10);
    const giveUp = async (id: number, at: number) => {
      for (const item of due) if (item.promiseId === id) await outbox.giveUp(item.id, at, 'refused');
    };
    await giveUp(3, START + 20);
    await giveUp(4, START + 30);
    await promises.markDelivered(promiseId(5), START + 20);
    const counted = (more: object = {}) =>
      promises.countUndelivered({ storedBefore: START + 9, failedAfter: START + 19, limit: 9, ...more });
    assert.equal(await counted(), 4);
    assert.equal(await counted({ storedBefore: START + 3 }), 2);
    assert.equal(await counted({ failedAfter: START + 20 }), 3);
    assert.equal(await counted({ limit: 1 }), 1);
  },

  'purges promises that settled long ago and were delivered, with their outbox items, in the order in which they settled': async ({
    stores: { promises, outbox },
  }) => {
    const settledAt = (id: number, at: number, terms: Partial<PromiseSpec> = {}) =>
      after(build(id, terms), { type: 'cancel', at: START + at, reason: 'not needed' });
    await promises.add([settledAt(1, 30), settledAt(2, 10), settledAt(3, 20), settledAt(4, 40), build(5), settledAt(6, 10)]);
    for (const id of [1, 2, 3, 4]) await promises.markDelivered(promiseId(id), START + 50);
    for (const id of [2, 3])
      await outbox.add(buildOutboxDraft({ promiseId: promiseId(id), answers: [], dedupeKey: `${id}`, chatId: telegramChat(500 + id) }));
    const [second, third] = await outbox.due(START, 2);
    assert.ok(second && third);
    await outbox.markSent(second.id, telegramMessage(9), START + 50);
    const request = { settledBefore: START + 40, undeliveredBefore: START, limit: 10 };
    // 1 and 2; 3 is on its way, 4 settled too late, 5 not at all, and 6 was not delivered.
    assert.deepEqual((await promises.purgeable(request)).map(Number), [2, 1]);
    assert.deepEqual((await promises.purgeable({ ...request, limit: 1 })).map(Number), [2]);
    assert.deepEqual((await promises.purgeable({ ...request, undeliveredBefore: START + 11 })).map(Number), [2, 6, 1]);
    assert.deepEqual((await promises.purge({ ...request, limit: 1 })).map(Number), [2]);
    assert.equal(await outbox.get(second.id), undefined);
    assert.deepEqual((await promises.purge(request)).map(Number), [1]);
    assert.deepEqual(await promises.purge(request), []);
    assert.deepEqual(idsOf(await promises.find({ limit: 10 })), [3, 4, 5, 6]);
    assert.ok(await outbox.get(third.id));
    assert.ok(Number((await promises.reserveIds(1))[0]) > 0);
  },

  'purges no promise that an unsettled one depends on, and nothing if its unit of work rejects': async ({ stores, unitOfWork }) => {
    const { promises } = stores;
    const child = build(3, { dependsOn: [promiseId(1), promiseId(2)] });
    await promises.add([after(build(1), cancel), build(2), child]);
    await promises.markDelivered(promiseId(1), START + 60);
    const request = { settledBefore: START + 100, undeliveredBefore: START, limit: 10 };
    assert.deepEqual(await promises.purge(request), []);
    await carryOut(promises, child.id, cancel);
    const undone = unitOfWork.run(async (unit) => {
      assert.deepEqual((await unit.promises.purge(request)).map(Number), [1]);
      assert.equal(await unit.promises.get(promiseId(1)), undefined);
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    assert.deepEqual((await promises.purge(request)).map(Number), [1]);
    assert.deepEqual((await read(promises, promiseId(3))).dependsOn.map(Number), [1, 2]);
  },
};
