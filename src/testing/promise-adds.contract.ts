import { strict as assert } from 'node:assert';
import { type AgentPromise, promiseId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { promiseAfter as after, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramUser } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { asked, build, cancel, error, everyState, idsOf, start } from './promise-states.ts';
import { wider } from './wider.ts';

/** The law of `PromiseStore`: adding and reading. */
export const promiseAddsContract: Contract<Storage> = {
  'reserves rising numbers, none of them twice, even in parallel': async ({ stores: { promises } }) => {
    const batches = await Promise.all(Array.from({ length: 20 }, (_, i) => promises.reserveIds((i % 5) + 1)));
    const all = batches.flat();
    assert.equal(new Set(all).size, 60);
    assert.ok(all.every((id) => promiseId(id) === id));
    for (const batch of batches)
      assert.deepEqual(
        batch,
        batch.toSorted((a, b) => a - b),
      );
    const [next] = await promises.reserveIds(1);
    assert.ok(next && next > Math.max(...all), 'a number that was never stored stays unused');
    assert.deepEqual(await promises.reserveIds(0), []);
  },

  'returns a promise in any state as it was added': async ({ stores: { promises } }) => {
    const { messageId: _, ...unasked } = build(20, { requestedBy: { id: telegramUser(9) } });
    const rich = build(21, {
      chatId: telegramChat(-1_001_234_567_890),
      description: 'Été\n`code` 🚂',
      agent: 'notion_scout',
      taskType: 'code',
      priority: 1,
      notBefore: START + 5,
      deadline: START + 90_000,
      tenant: 'Yudame Dev',
      idempotencyKey: 'nightly:2026-11-22',
      retry: { maxAttempts: 7, backoffMs: 1_500 },
      metadata: { scope: { directory: '/srv/a', tags: ['x', null, 1.5] }, enabled: false },
    });
    const cutShort = [after(build(22), start, cancel), after(build(23, { deadline: START + 3 }), start, { type: 'expire', at: START + 3 })];
    const added = [...everyState(), unasked, rich, ...cutShort, asked(24)];
    await promises.add(added);
    assert.deepEqual(await promises.getMany(added.map(({ id }) => id)), added);
    for (const promise of added) assert.deepEqual(await promises.get(promise.id), promise);
  },

  'stores the fields of each part of a promise, such as its retry policy, and nothing that the object holds beside': async ({
    stores: { promises },
  }) => {
    const lease = { workerId: 'w1', expiresAt: START + 30_001 };
    const all = everyState();
    const widened = all.map((promise): AgentPromise => {
      const { retry, requestedBy } = promise;
      const state =
        promise.status === 'in_progress'
          ? { lease: wider(lease), lastError: wider(error), progress: wider({ text: 'half', at: START + 3 }) }
          : promise.status === 'failed'
            ? { error: wider(error), lease: wider(lease) }
            : {};
      return wider({ ...promise, ...state, retry: wider(retry), requestedBy: wider(requestedBy) } as AgentPromise);
    });
    const expected = all.map((promise) => {
      if (promise.status === 'failed') return { ...promise, lease };
      return promise.status === 'in_progress'
        ? { ...promise, lease, lastError: error, progress: { text: 'half', at: START + 3 } }
        : promise;
    });
    await promises.add(widened);
    assert.deepEqual(await promises.getMany(all.map(({ id }) => id)), expected);
    const stored = new Map(widened.map((promise) => [promise.id, promise]));
    await promises.update([...stored.keys()], ({ id }) => stored.get(id));
    assert.deepEqual(
      await promises.getMany(all.map(({ id }) => id)),
      expected.map((promise) => ({ ...promise, version: promise.version + 1 })),
    );
  },

  'returns undefined for an unknown promise': async ({ stores: { promises } }) => {
    assert.equal(await promises.get(promiseId(99)), undefined);
    assert.equal(await promises.findByKey(telegramChat(501), 'none'), undefined);
  },

  'returns with getMany the promises that exist, in the order of their ids': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2), build(11)]);
    assert.deepEqual(idsOf(await promises.getMany([11, 5, 1, 2].map(promiseId))), [1, 2, 11]);
    assert.deepEqual(await promises.getMany([]), []);
  },

  'adds all promises or none: an id that is taken refuses all as concurrency': async ({ stores: { promises } }) => {
    await promises.add([build(2)]);
    await assert.rejects(promises.add([build(1), build(2, { description: 'other' }), build(3)]), portFailure('concurrency'));
    assert.deepEqual(await promises.find({ limit: 10 }), [build(2)]);
  },

  'takes an idempotency key once in a chat': async ({ stores: { promises } }) => {
    const first = build(1, { idempotencyKey: 'k' });
    await promises.add([first]);
    await assert.rejects(promises.add([build(2), build(3, { idempotencyKey: 'k' })]), portFailure('concurrency'));
    await assert.rejects(
      promises.add([build(4, { idempotencyKey: 'new' }), build(5, { idempotencyKey: 'new' })]),
      portFailure('concurrency'),
    );
    assert.deepEqual(idsOf(await promises.find({ limit: 10 })), [1]);
    await promises.add([build(6, { idempotencyKey: 'k', chatId: telegramChat(502) }), build(7, { idempotencyKey: 'other' }), build(8)]);
    assert.deepEqual(await promises.findByKey(telegramChat(501), 'k'), first);
    assert.equal((await promises.findByKey(telegramChat(502), 'k'))?.id, 6);
    assert.equal(await promises.findByKey(telegramChat(502), 'other'), undefined);
  },

  'keeps an idempotency key taken after its promise has settled': async ({ stores: { promises } }) => {
    await promises.add([after(build(1, { idempotencyKey: 'k' }), cancel)]);
    await assert.rejects(promises.add([build(2, { idempotencyKey: 'k' })]), portFailure('concurrency'));
  },

  'lets one of 20 parallel adds with one key win': async ({ stores: { promises } }) => {
    const adds = Array.from({ length: 20 }, (_, i) => promises.add([build(i + 1, { idempotencyKey: 'k' })]));
    assert.equal(await countWinners(adds), 1);
    assert.equal((await promises.find({ limit: 100 })).length, 1);
  },
};
