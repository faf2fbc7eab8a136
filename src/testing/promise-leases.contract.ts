import { strict as assert } from 'node:assert';
import { type AgentPromise, promiseId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { promiseAfter as after, carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat } from './ids.ts';
import { countWinners } from './port-failure.ts';
import { build, claim, claimShares, ids, idsOf, LEASE_MS, range, rising, runsOf } from './promise-queue-steps.ts';

/** The law of `PromiseQueue`: leases. */
export const promiseLeasesContract: Contract<Storage> = {
  'extends with a heartbeat the leases that the worker still holds, names them, and changes nothing else': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(4).map((id) => build(id)));
    const mine = await claim(storage, START, 2, 'w1');
    const [other] = await claim(storage, START, 1, 'w2');
    const now = START + 10_000;
    const beat = await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1, 2, 3, 4, 99), now, leaseMs: LEASE_MS });
    assert.deepEqual(rising(beat), [1, 2]);
    const extended = mine.map((promise) => ({ ...promise, lease: { workerId: 'w1', expiresAt: now + LEASE_MS } }));
    assert.deepEqual(await promises.getMany(ids(1, 2, 3, 4)), [...extended, other, build(4)]);
    assert.deepEqual(rising(idsOf(await claim(storage, START + LEASE_MS, 100, 'w3'))), [3, 4]);
  },

  'changes no version with a heartbeat': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    const [mine] = await claim(storage);
    await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1), now: START + 1_000, leaseMs: LEASE_MS });
    const done = after(mine as AgentPromise, { type: 'complete', at: START + 2_000, workerId: 'w1', attempt: 1, result: 'done' });
    await storage.stores.promises.update(ids(1), (stored) => {
      assert.equal(stored.version, mine?.version);
      return done;
    });
    assert.deepEqual(await storage.stores.promises.get(promiseId(1)), { ...done, version: 2 });
  },

  'leaves out of a heartbeat what another worker took, what settled and what was handed back': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(4).map((id) => build(id)));
    const claimed = await claim(storage, START, 4, 'w1');
    const [, second, third, fourth] = claimed as [AgentPromise, AgentPromise, AgentPromise, AgentPromise];
    await carryOut(promises, second.id, { type: 'cancel', at: START + 1, reason: 'no need' });
    await carryOut(promises, third.id, { type: 'hand-back', at: START + 1, workerId: 'w1', attempt: 1 });
    await carryOut(promises, fourth.id, { type: 'complete', at: START + 1, workerId: 'w1', attempt: 1, result: 'done' });
    const now = START + LEASE_MS;
    await claim(storage, now, 4, 'w2');
    const before = await promises.getMany(ids(1, 2, 3, 4));
    assert.deepEqual(await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1, 2, 3, 4), now, leaseMs: LEASE_MS }), []);
    assert.deepEqual(await promises.getMany(ids(1, 2, 3, 4)), before);
    assert.deepEqual(rising(await storage.queue.stillLeased('w2', ids(1, 2, 3, 4))), [1, 3]);
  },

  'renews with a late heartbeat a lease that nobody took, as `transition` lets its worker complete it': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    await claim(storage);
    const late = START + 2 * LEASE_MS;
    assert.deepEqual(await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1), now: late, leaseMs: LEASE_MS }), ids(1));
    assert.deepEqual(await claim(storage, late, 1, 'w2'), []);
  },

  'shortens no lease with a heartbeat of an earlier time': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    await claim(storage);
    const earlier = START - 10_000;
    assert.deepEqual(await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1), now: earlier, leaseMs: LEASE_MS }), ids(1));
    assert.deepEqual(await claim(storage, START + LEASE_MS - 1, 1, 'w2'), []);
    assert.deepEqual(idsOf(await claim(storage, START + LEASE_MS, 1, 'w2')), [1]);
  },

  'leaves a lease to one worker, which knows it, after a heartbeat and takeovers in parallel': async (storage) => {
    await storage.stores.promises.add(range(20).map((id) => build(id)));
    await claim(storage, START, 20, 'w1');
    const now = START + LEASE_MS;
    const all = ids(...range(20));
    const [batch, beat] = await Promise.all([
      claim(storage, now, 10, 'w2'),
      storage.queue.heartbeat({ workerId: 'w1', ids: all, now, leaseMs: LEASE_MS }),
    ]);
    assert.deepEqual(rising([...idsOf(batch), ...beat]), range(20));
    assert.deepEqual(rising(await storage.queue.stillLeased('w1', all)), rising(beat));
    assert.deepEqual(rising(await storage.queue.stillLeased('w2', all)), rising(idsOf(batch)));
  },

  'ends the leases of dead workers at once, and changes nothing else': async (storage) => {
    const { queue, stores } = storage;
    await stores.promises.add([build(1), build(2), build(3), build(4, { dueAt: START + 5 })]);
    await claim(storage, START, 1, 'w1');
    await claim(storage, START, 1, 'w2');
    const before = await claim(storage, START, 1, 'w3');
    assert.deepEqual((await queue.leaseHolders()).toSorted(), ['w1', 'w2', 'w3']);
    await queue.endLeases(['w1', 'w2', 'w9'], START + 1);
    await queue.endLeases([], START + 1);
    assert.deepEqual(await claim(storage, START, 9, 'w4'), []);
    assert.deepEqual(rising(idsOf(await claim(storage, START + 1, 9, 'w4'))), [1, 2]);
    assert.deepEqual(await stores.promises.getMany(ids(3)), before);
    const taken = await stores.promises.getMany(ids(1, 2));
    assert.deepEqual(
      taken.map(({ attempts, lostLeases }) => [attempts, lostLeases]),
      [
        [2, 1],
        [2, 1],
      ],
    );
  },

  'keeps the lease of a promise cancelled or expired while it runs until its worker is known to be dead; that lease takes no slot and cannot be extended':
    async (storage) => {
      const { queue, stores } = storage;
      await stores.promises.add([build(1), build(2, { deadline: START + 5 }), build(3)]);
      const [cancelled, expired] = (await claim(storage, START, 2)) as [AgentPromise, AgentPromise];
      await carryOut(stores.promises, cancelled.id, { type: 'cancel', at: START + 5, reason: 'no need' });
      await carryOut(stores.promises, expired.id, { type: 'expire', at: START + 5 });
      const settled = await stores.promises.getMany(ids(1, 2));
      for (const promise of settled) assert.deepEqual('lease' in promise && promise.lease, { workerId: 'w1', expiresAt: START + LEASE_MS });
      assert.deepEqual(await queue.leaseHolders(), ['w1']);
      assert.deepEqual(await queue.stillLeased('w1', ids(1, 2)), []);
      assert.deepEqual(await queue.heartbeat({ workerId: 'w1', ids: ids(1, 2), now: START + 9, leaseMs: LEASE_MS }), []);
      await queue.endLeases(['w2'], START + 9);
      assert.equal(await queue.nextDueAt(), START);
      assert.deepEqual(idsOf(await claimShares(storage, { workerId: 'w2', now: START + LEASE_MS, tenantConcurrency: 1 })), [3]);
      assert.deepEqual(await stores.promises.getMany(ids(1, 2)), settled);
      await queue.endLeases(['w1'], START + 9);
      assert.deepEqual(await queue.leaseHolders(), ['w2']);
      const free = settled.map((promise) => ({ ...promise, lease: undefined }));
      assert.deepEqual(await stores.promises.getMany(ids(1, 2)), JSON.parse(JSON.stringify(free)));
      for (const promise of await stores.promises.getMany(ids(1, 2)))
        await carryOut(stores.promises, promise.id, { type: 'retry', at: START + 9 });
      assert.deepEqual(idsOf(await claim(storage, START + 9, 9, 'w2')), [1, 2]);
    },

  'releases the lease of a promise that was cancelled or expired while it ran, and of no other, without a change of version': async (
    storage,
  ) => {
    const { queue, stores } = storage;
    await stores.promises.add(range(6).map((id) => build(id)));
    const claimed = [...(await claim(storage, START, 4, 'w1')), ...(await claim(storage, START, 1, 'w2'))];
    const [first, second, third, , fifth] = claimed as [AgentPromise, AgentPromise, AgentPromise, AgentPromise, AgentPromise];
    for (const promise of [first, second, fifth])
      await carryOut(stores.promises, promise.id, { type: 'cancel', at: START + 5, reason: 'no need' });
    await carryOut(stores.promises, third.id, { type: 'complete', at: START + 5, workerId: 'w1', attempt: 1, result: 'done' });
    const before = await stores.promises.getMany(ids(...range(6)));
    await queue.releaseLeases('w1', []);
    await queue.releaseLeases('w1', [...runsOf(6, 5, 4, 3, 1, 99), { id: promiseId(2), attempts: 2 }]);
    assert.deepEqual(
      await stores.promises.getMany(ids(...range(6))),
      before.map((promise) => {
        if (promise.id !== 1 || promise.status !== 'cancelled') return promise;
        const { lease: _, ...free } = promise;
        return free;
      }),
    );
  },

  'lets workers release many leases at once, each in its own order': async (storage) => {
    const { queue, stores } = storage;
    await stores.promises.add(range(40).map((id) => build(id)));
    const claimed = await claim(storage, START, 40, 'w1');
    await stores.promises.update(
      claimed.map(({ id }) => id),
      (promise) => after(promise, { type: 'cancel', at: START + 5, reason: 'no need' }),
    );
    const orders = [idsOf(claimed), idsOf(claimed).toReversed(), idsOf(claimed).toSorted((a, b) => (a % 7) - (b % 7))];
    await Promise.all(range(12).map((n) => queue.releaseLeases('w1', runsOf(...(orders[n % 3] ?? [])))));
    for (const promise of await stores.promises.getMany(ids(...range(40)))) assert.equal('lease' in promise, false);
  },

  'names with `stillLeased` what this worker holds, and changes nothing': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(3).map((id) => build(id)));
    await claim(storage, START, 2, 'w1');
    const before = await promises.getMany(ids(1, 2, 3));
    assert.deepEqual(rising(await storage.queue.stillLeased('w1', ids(1, 2, 3, 99))), [1, 2]);
    assert.deepEqual(await storage.queue.stillLeased('w1', ids(2)), ids(2));
    assert.deepEqual(await storage.queue.stillLeased('w2', ids(1, 2, 3)), []);
    assert.deepEqual(await storage.queue.stillLeased('w1', []), []);
    assert.deepEqual(await promises.getMany(ids(1, 2, 3)), before);
  },

  'ends a lease by the clock of the caller who reads it, outside of units of work and inside': async ({ queue, stores, unitOfWork }) => {
    await stores.promises.add([build(1)]);
    await queue.claim({ workerId: 'w1', now: START, leaseMs: LEASE_MS, limit: 1 });
    const endOf = ([stored]: readonly AgentPromise[]) => stored?.status === 'in_progress' && stored.lease.expiresAt;
    assert.equal(endOf(await stores.promises.getMany(ids(1))), START + LEASE_MS);
    assert.equal(endOf(await unitOfWork.run(({ promises }) => promises.update(ids(1), () => undefined))), START + LEASE_MS);
  },

  'gives as the next due time the earliest of due times and ends of leases': async (storage) => {
    const { promises } = storage.stores;
    assert.equal(await storage.queue.nextDueAt(), undefined);
    await promises.add([build(1, { dependsOn: ids(2) }), build(2, { dueAt: START + 3 * LEASE_MS }), build(3)]);
    assert.equal(await storage.queue.nextDueAt(), START);
    const [mine] = await claim(storage);
    assert.equal(await storage.queue.nextDueAt(), START + LEASE_MS);
    await carryOut(promises, (mine as AgentPromise).id, { type: 'complete', at: START, workerId: 'w1', attempt: 1, result: 'done' });
    assert.equal(await storage.queue.nextDueAt(), START + 3 * LEASE_MS);
    await carryOut(promises, build(2, { dueAt: START + 3 * LEASE_MS }).id, { type: 'cancel', at: START, reason: 'no need' });
    assert.equal(await storage.queue.nextDueAt(), undefined);
  },

  'completes 200 promises once each by ten workers, though one in ten is first taken by a worker that dies': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(200).map((id) => build(id, { chatId: telegramChat(500 + (id % 7)) })));
    const drain = async (workerId: string, now: number): Promise<number> => {
      let completed = 0;
      for (;;) {
        const batch = await claim(storage, now, 4, workerId);
        if (batch.length === 0) return completed;
        const finished = batch.filter(({ id, attempts }) => id % 10 !== 0 || attempts > 1);
        const saves = finished.map((promise) =>
          carryOut(promises, promise.id, { type: 'complete', at: now, workerId, attempt: promise.attempts, result: workerId }),
        );
        completed += await countWinners(saves);
      }
    };
    const drainTogether = async (now: number) => {
      const counts = await Promise.all(range(10).map((worker) => drain(`w${worker}`, now)));
      return counts.reduce((sum, count) => sum + count);
    };
    assert.equal(await drainTogether(START), 180);
    assert.equal(await drainTogether(START + LEASE_MS), 20);
    assert.equal((await promises.stats()).completed, 200);
  },
};
