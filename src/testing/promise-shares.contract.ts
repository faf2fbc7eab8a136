import { strict as assert } from 'node:assert';
import { type AgentPromise, approvalId, promiseId } from '../domain/index.ts';
import type { Storage } from '../ports/index.ts';
import { carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { addInTurn, build, claimShares, idsOf, LEASE_MS, range, rising, running } from './promise-queue-steps.ts';

/** The law of `PromiseQueue`: shares. */
export const promiseSharesContract: Contract<Storage> = {
  'keeps a tenant with a thousand promises within its limit, and holds up nobody for it': async (storage) => {
    const { promises } = storage.stores;
    const busy = range(1_000).map((id) => build(id, { tenant: 'busy', priority: 1 + (id % 3) }));
    await addInTurn(storage, busy.slice(0, 12));
    await promises.add(busy.slice(12));
    await promises.add([build(1_001, { tenant: 'late', priority: 9 }), build(1_002, { tenant: 'later', priority: 10 })]);
    const first = await claimShares(storage, { limit: 5, tenantConcurrency: 3 });
    assert.deepEqual(idsOf(first), [3, 6, 9, 1_001, 1_002]);
    assert.deepEqual(await claimShares(storage, { limit: 5, tenantConcurrency: 3 }), []);
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 5, tenantConcurrency: 4 })), [12]);
  },

  'holds up nobody for tenants at their limit, whatever the types of their running promises': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(4).map((id) => build(id, { tenant: id % 2 === 0 ? 'busy' : 'as busy', taskType: 'code' })));
    assert.equal((await claimShares(storage, { tenantConcurrency: 2 })).length, 4);
    await promises.add(range(10).map((n) => build(10 + n, { tenant: n > 5 ? 'busy' : 'as busy', dueAt: START - 9 })));
    await promises.add([build(30, { tenant: 'late' })]);
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 2, tenantConcurrency: 2 })), [30]);
    assert.deepEqual(await claimShares(storage, { limit: 2, tenantConcurrency: 2 }), []);
  },

  'holds up nobody for a promise that was made first and is due later, if its tenant is at its limit': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(2).map((id) => build(id, { tenant: 'busy', taskType: 'code' })));
    assert.equal((await claimShares(storage, { tenantConcurrency: 2 })).length, 2);
    await promises.add([build(3, { tenant: 'busy' })]);
    await promises.add([build(4, { tenant: 'late', dueAt: START - 9 })]);
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 1, tenantConcurrency: 2 })), [4]);
    assert.deepEqual(await claimShares(storage, { limit: 1, tenantConcurrency: 2 }), []);
  },

  'gives the slots of a tenant to the most urgent of its promises': async (storage) => {
    await storage.stores.promises.add(range(9).map((id) => build(id, { tenant: 'busy', priority: 10 - id })));
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 4, tenantConcurrency: 2 })), [9, 8]);
    assert.deepEqual(idsOf(await claimShares(storage, { tenantConcurrency: 4 })), [7, 6]);
  },

  'gives the slot of a promise that ends in any way to the next promise of its tenant': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(9).map((id) => build(id, { tenant: 'busy' })));
    const [done, handedBack, cancelled] = (await claimShares(storage, { tenantConcurrency: 3 })) as [
      AgentPromise,
      AgentPromise,
      AgentPromise,
    ];
    await carryOut(promises, done.id, { type: 'complete', at: START, workerId: 'w1', attempt: 1, result: 'done' });
    assert.deepEqual(idsOf(await claimShares(storage, { tenantConcurrency: 3 })), [4]);
    await carryOut(promises, cancelled.id, { type: 'cancel', at: START, reason: 'no need' });
    assert.deepEqual(idsOf(await claimShares(storage, { tenantConcurrency: 3 })), [5]);
    await carryOut(promises, handedBack.id, { type: 'hand-back', at: START, workerId: 'w1', attempt: 1 });
    assert.equal((await claimShares(storage, { tenantConcurrency: 3 })).length, 1);
  },

  'gives the slot of a promise that waits for an approval to the next promises of its tenant': async (storage) => {
    const { promises } = storage.stores;
    await addInTurn(
      storage,
      range(5).map((id) => build(id, { tenant: 'busy' })),
    );
    for (const id of range(3)) {
      assert.deepEqual(idsOf(await claimShares(storage, { tenantConcurrency: 1 })), [id]);
      const asked = { at: START, workerId: 'w1', attempt: 1, approvalId: approvalId(id) };
      await carryOut(promises, promiseId(id), { type: 'await-approval', ...asked });
    }
    await carryOut(promises, promiseId(1), { type: 'go-on', at: START, approvalId: approvalId(1) });
    assert.equal((await claimShares(storage, { tenantConcurrency: 3 })).length, 3);
  },

  'counts an expired lease as a slot in use, which only its takeover can have': async (storage) => {
    const queued = range(9).map((n) => build(10 + n, { priority: n === 1 ? 1 : 9 }));
    await storage.stores.promises.add([...range(3).map((id) => running(id, START - LEASE_MS, 'dead')), ...queued]);
    assert.deepEqual(rising(idsOf(await claimShares(storage, { tenantConcurrency: 3 }))), [1, 2, 3]);
    assert.deepEqual(await claimShares(storage, { tenantConcurrency: 3 }), []);
    const later = START + LEASE_MS;
    assert.deepEqual(rising(idsOf(await claimShares(storage, { tenantConcurrency: 5, now: later }))), [1, 2, 3, 11, 12]);
  },

  'holds up no type for another one without room, and gives no type more than its room': async (storage) => {
    await storage.stores.promises.add([
      ...range(200).map((id) => build(id, { taskType: 'code', priority: 1 })),
      ...range(20).map((n) => build(200 + n, { taskType: 'search', priority: 5 })),
      ...range(20).map((n) => build(220 + n, { taskType: 'analysis', priority: 9 })),
    ]);
    assert.deepEqual(
      rising(idsOf(await claimShares(storage, { limit: 6, capacity: { code: 0, search: 4 } }))),
      [201, 202, 203, 204, 221, 222],
    );
    assert.deepEqual(await claimShares(storage, { limit: 6, capacity: { code: 0, search: 0, analysis: 0 } }), []);
    const two = { code: 2, search: 2, analysis: 1 };
    assert.deepEqual(rising(idsOf(await claimShares(storage, { limit: 6, capacity: two }))), [1, 2, 205, 206, 223]);
    assert.deepEqual(
      rising(idsOf(await claimShares(storage, { limit: 6, capacity: { code: 1, analysis: 0 } }))),
      [3, 207, 208, 209, 210, 211],
    );
  },

  'keeps to the room of a type for expired leases, too': async (storage) => {
    await storage.stores.promises.add(range(4).map((id) => running(id, START - LEASE_MS, 'dead')));
    assert.equal((await claimShares(storage, { capacity: { analysis: 3 } })).length, 3);
    assert.deepEqual(await claimShares(storage, { capacity: { analysis: 0 } }), []);
  },

  'keeps to the limits of tenants and the room of types at the same time': async (storage) => {
    const kinds = ['code', 'search'] as const;
    await storage.stores.promises.add(
      range(120).map((id) => build(id, { tenant: `t${id % 3}`, taskType: kinds[id % 2] ?? 'code', priority: 1 + (id % 10) })),
    );
    const all: AgentPromise[] = [];
    for (let round = 0; round < 20 && all.length < 12; round++) {
      const claimed = await claimShares(storage, { limit: 12, tenantConcurrency: 4, capacity: { code: 2 } });
      assert.ok(claimed.filter(({ taskType }) => taskType === 'code').length <= 2);
      all.push(...claimed);
    }
    for (const tenant of ['t0', 't1', 't2']) assert.equal(all.filter((promise) => promise.tenant === tenant).length, 4);
    assert.deepEqual(await claimShares(storage, { tenantConcurrency: 4 }), []);
  },

  'keeps every tenant within its limit, and lets none starve, when workers claim in parallel': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(300).map((id) => build(id, { tenant: `t${Math.floor((id - 1) / 100)}` })));
    await Promise.all(range(30).map((worker) => claimShares(storage, { workerId: `w${worker % 2}`, limit: 3, tenantConcurrency: 5 })));
    const inProgress = () => promises.find({ statuses: ['in_progress'], limit: 1_000 });
    const ofEach = async () => Object.values(Object.groupBy(await inProgress(), ({ tenant }) => tenant)).map((its) => its?.length ?? 0);
    for (const count of await ofEach()) assert.ok(count <= 5, `${count} of one tenant are in progress`);
    // A claim that met another may have brought less than there was.
    for (let round = 0; round < 20 && (await inProgress()).length < 15; round++)
      await claimShares(storage, { limit: 3, tenantConcurrency: 5 });
    assert.deepEqual(await ofEach(), [5, 5, 5]);
    assert.deepEqual(await claimShares(storage, { tenantConcurrency: 5 }), []);
  },
};
