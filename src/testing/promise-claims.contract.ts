import { strict as assert } from 'node:assert';
import { MAX_LOST_LEASES, promiseId, TASK_TYPES } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { promiseAfter as after, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { addInTurn, build, claim, ids, idsOf, LEASE_MS, range, rising, running, started } from './promise-queue-steps.ts';

/** The law of `PromiseQueue`: claims. */
export const promiseClaimsContract: Contract<Storage> = {
  'saves for a claim what the pure transition `start` gives': async (storage) => {
    const { promises } = storage.stores;
    const fresh = build(1, { metadata: { scope: { directory: '/srv/a' } }, dueAt: START - 5 });
    const failedOnce = after(running(2, START - 90_000), {
      type: 'fail',
      at: START - 80_000,
      workerId: 'w1',
      attempt: 1,
      error: { code: 'c', message: 'm' },
      retryable: true,
      jitter: 0,
    });
    const abandoned = running(3, START - LEASE_MS, 'dead');
    await promises.add([fresh, failedOnce, abandoned]);
    const claimed = (await claim(storage)).toSorted((a, b) => a.id - b.id);
    const expected = [fresh, failedOnce, abandoned].map((promise) => started(promise, START));
    assert.deepEqual(claimed, expected);
    assert.deepEqual(await promises.getMany(ids(1, 2, 3)), expected);
  },

  'claims due promises by priority, then due time, then id, up to the limit': async (storage) => {
    await addInTurn(storage, [
      build(1, { priority: 5 }),
      build(2, { priority: 9, dueAt: START - 900 }),
      build(3, { priority: 5, dueAt: START - 10 }),
      build(4, { priority: 10 }),
      build(5, { priority: 1 }),
      build(6, { priority: 5 }),
    ]);
    assert.deepEqual(idsOf(await claim(storage, START, 3)), [5, 3, 1]);
    assert.deepEqual(idsOf(await claim(storage, START, 1)), [6]);
    assert.deepEqual(idsOf(await claim(storage)), [2, 4]);
    assert.deepEqual(await claim(storage), []);
  },

  'claims the more urgent promise first, whatever its type': async (storage) => {
    await storage.stores.promises.add([
      ...range(30).map((id) => build(id, { taskType: 'analysis', priority: id === 30 ? 1 : 10 })),
      ...range(5).map((n) => build(30 + n, { taskType: 'search', priority: 2 })),
    ]);
    const priorities = (await claim(storage, START, 10)).map(({ priority }) => priority);
    assert.deepEqual(rising(priorities), [1, 2, 2, 2, 2, 2, 10, 10, 10, 10]);
  },

  'claims what has waited longest first within a priority, whatever its type': async (storage) => {
    for (const [round, taskType] of TASK_TYPES.entries()) {
      const first = 100 * round;
      const others = TASK_TYPES.filter((type) => type !== taskType);
      await storage.stores.promises.add([
        ...range(30).map((n) => build(first + n, { taskType: others[n % 2] ?? taskType, priority: 3 - round, dueAt: START })),
        build(first + 31, { taskType, priority: 3 - round, dueAt: START - 1_000 }),
      ]);
      assert.ok(idsOf(await claim(storage, START, 5)).includes(first + 31), `${taskType} waits`);
    }
  },

  'takes over an expired lease after more urgent promises': async (storage) => {
    const abandoned = { ...running(1, START - LEASE_MS, 'dead'), priority: 10 };
    await storage.stores.promises.add([abandoned, build(2, { priority: 1 })]);
    assert.deepEqual(idsOf(await claim(storage, START, 1)), [2]);
    assert.deepEqual(idsOf(await claim(storage, START, 1)), [1]);
  },

  'never claims a promise that is not due, waits, is leased or has settled': async (storage) => {
    const begun = running(4, START - 10, 'w2');
    const cancelled = after(build(5), { type: 'cancel', at: START, reason: 'no need' });
    const completed = after(begun, { type: 'complete', at: START, workerId: 'w2', attempt: 1, result: 'done' });
    const untouched = [
      build(2, { dueAt: START + 1 }),
      build(3, { dependsOn: ids(2) }),
      begun,
      cancelled,
      { ...completed, id: promiseId(6) },
    ];
    await storage.stores.promises.add([build(1), ...untouched]);
    assert.deepEqual(idsOf(await claim(storage)), [1]);
    assert.deepEqual(await storage.stores.promises.getMany(ids(2, 3, 4, 5, 6)), untouched);
    assert.deepEqual(idsOf(await claim(storage, START + 1)), [2]);
  },

  'claims nothing with a limit of 0': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    assert.deepEqual(await claim(storage, START, 0), []);
  },

  'takes over a lease exactly at its end, and not before': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    await claim(storage, START, 1, 'w1');
    assert.deepEqual(await claim(storage, START + LEASE_MS - 1, 1, 'w2'), []);
    const [taken] = await claim(storage, START + LEASE_MS, 1, 'w2');
    assert.ok(taken);
    assert.deepEqual(
      { workerId: taken.lease.workerId, attempts: taken.attempts, lostLeases: taken.lostLeases },
      { workerId: 'w2', attempts: 2, lostLeases: 1 },
    );
  },

  'claims and counts a promise that has lost too many leases: the worker fails it and reports that': async (storage) => {
    const doomed = { ...running(1, START - LEASE_MS, 'dead'), lostLeases: MAX_LOST_LEASES };
    await storage.stores.promises.add([doomed]);
    const [taken] = await claim(storage);
    assert.deepEqual(taken, started(doomed, START));
    assert.equal(taken?.lostLeases, MAX_LOST_LEASES + 1);
  },

  'never hands out a promise twice in 50 parallel claims by 50 workers': async (storage) => {
    await storage.stores.promises.add(range(120).map((id) => build(id)));
    const batches = await Promise.all(range(50).map((worker) => claim(storage, START, 3, `w${worker}`)));
    const claimed = batches.flat();
    assert.deepEqual(rising(idsOf(claimed)), range(120));
    for (const [index, batch] of batches.entries()) {
      assert.ok(batch.length <= 3);
      for (const promise of batch) assert.deepEqual(promise, started(build(promise.id), START, `w${index + 1}`));
    }
  },

  'lets one of 50 parallel claims win an expired lease': async (storage) => {
    await storage.stores.promises.add([running(1, START - LEASE_MS, 'dead')]);
    const claimed = (await Promise.all(range(50).map((worker) => claim(storage, START, 1, `w${worker}`)))).flat();
    assert.deepEqual(idsOf(claimed), [1]);
  },

  'lets either a claim or a parallel cancellation win': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(40).map((id) => build(id)));
    /** What a claim has won first stays as it is. */
    const cancel = (id: number) =>
      promises.update([build(id).id], (stored) =>
        stored.status === 'pending' ? after(stored, { type: 'cancel', at: START, reason: 'no need' }) : undefined,
      );
    const [cancels, ...batches] = await Promise.all([
      Promise.all(range(40).map(cancel)),
      ...range(10).map((worker) => claim(storage, START, 2, `w${worker}`)),
    ]);
    const cancelled = idsOf(cancels.flat().filter(({ status }) => status === 'cancelled'));
    const claimed = idsOf(batches.flat());
    assert.deepEqual(rising([...cancelled, ...claimed]), range(40));
    assert.deepEqual(idsOf(await promises.find({ statuses: ['in_progress'], limit: 100 })), rising(claimed));
  },

  'never claims promises of a unit of work that rejects': async (storage) => {
    const rejected = storage.unitOfWork.run(async ({ promises }) => {
      await promises.add([build(1)]);
      throw new RangeError('no');
    });
    const [, ...batches] = await Promise.all([assert.rejects(rejected, RangeError), ...range(10).map(() => claim(storage))]);
    assert.deepEqual([...batches.flat(), ...(await claim(storage))], []);
  },
};
