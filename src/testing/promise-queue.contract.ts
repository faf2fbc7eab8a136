import { strict as assert } from 'node:assert';
import { type AgentPromise, MAX_LOST_LEASES, type PromiseSpec, promiseId, TASK_TYPES } from '../domain/index.ts';
import type { ClaimRequest, Storage } from '../ports/index.ts';
import { promiseAfter as after, buildPromise, carryOut, START } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';

const LEASE_MS = 30_000;
const build = (id: number, terms: Partial<PromiseSpec> & { dueAt?: number } = {}) => buildPromise({ id: promiseId(id), ...terms });
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const ids = (...raw: number[]) => raw.map((id) => promiseId(id));
const runsOf = (...raw: number[]) => ids(...raw).map((id) => ({ id, attempts: 1 }));
const idsOf = (promises: readonly AgentPromise[]) => promises.map(({ id }) => Number(id));
/** What is made at once has no order among itself. */
const addInTurn = async ({ stores }: Storage, promises: readonly AgentPromise[]): Promise<void> => {
  for (const promise of promises) await stores.promises.add([promise]);
};
const rising = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

const claim = ({ queue }: Storage, now: number = START, limit = 100, workerId = 'w1') =>
  queue.claim({ workerId, now, leaseMs: LEASE_MS, limit });
/** What a claim must make of a promise: the pure transition, saved. */
const started = (promise: AgentPromise, now: number, workerId = 'w1'): AgentPromise => ({
  ...after(promise, { type: 'start', at: now, workerId, leaseMs: LEASE_MS }),
  version: promise.version + 1,
});

/** A promise that has been run by a worker since `at`. */
const running = (id: number, at: number, workerId = 'w1') => started(build(id, { dueAt: at }), at, workerId);

/** The law of `PromiseQueue`: claims. */
const claims: Contract<Storage> = {
  'a claim is the pure transition `start`, saved': async (storage) => {
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

  'the due ones come by priority, then due time, then id, up to the limit': async (storage) => {
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

  'the more urgent comes first, whatever its type': async (storage) => {
    await storage.stores.promises.add([
      ...range(30).map((id) => build(id, { taskType: 'analysis', priority: id === 30 ? 1 : 10 })),
      ...range(5).map((n) => build(30 + n, { taskType: 'search', priority: 2 })),
    ]);
    const priorities = (await claim(storage, START, 10)).map(({ priority }) => priority);
    assert.deepEqual(rising(priorities), [1, 2, 2, 2, 2, 2, 10, 10, 10, 10]);
  },

  'of one priority, no type holds up what has waited longer': async (storage) => {
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

  'a lease that has run out waits behind what is more urgent': async (storage) => {
    const abandoned = { ...running(1, START - LEASE_MS, 'dead'), priority: 10 };
    await storage.stores.promises.add([abandoned, build(2, { priority: 1 })]);
    assert.deepEqual(idsOf(await claim(storage, START, 1)), [2]);
    assert.deepEqual(idsOf(await claim(storage, START, 1)), [1]);
  },

  'what is not due, waits, is held or is settled is never claimed': async (storage) => {
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

  'a limit of 0 claims nothing': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    assert.deepEqual(await claim(storage, START, 0), []);
  },

  'a lease that has run out is taken over, at its very end and not before': async (storage) => {
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

  'one that has lost too many leases is claimed all the same, and counted: failing it is for who can tell of it': async (storage) => {
    const doomed = { ...running(1, START - LEASE_MS, 'dead'), lostLeases: MAX_LOST_LEASES };
    await storage.stores.promises.add([doomed]);
    const [taken] = await claim(storage);
    assert.deepEqual(taken, started(doomed, START));
    assert.equal(taken?.lostLeases, MAX_LOST_LEASES + 1);
  },

  '50 parallel claims by 50 workers never hand out one promise twice': async (storage) => {
    await storage.stores.promises.add(range(120).map((id) => build(id)));
    const batches = await Promise.all(range(50).map((worker) => claim(storage, START, 3, `w${worker}`)));
    const claimed = batches.flat();
    assert.deepEqual(rising(idsOf(claimed)), range(120));
    for (const [index, batch] of batches.entries()) {
      assert.ok(batch.length <= 3);
      for (const promise of batch) assert.deepEqual(promise, started(build(promise.id), START, `w${index + 1}`));
    }
  },

  '50 parallel claims of one expired lease are won by one': async (storage) => {
    await storage.stores.promises.add([running(1, START - LEASE_MS, 'dead')]);
    const claimed = (await Promise.all(range(50).map((worker) => claim(storage, START, 1, `w${worker}`)))).flat();
    assert.deepEqual(idsOf(claimed), [1]);
  },

  'a claim and a cancellation in parallel: one of them wins': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(40).map((id) => build(id)));
    const cancel = async (id: number) => {
      await carryOut(promises, build(id).id, { type: 'cancel', at: START, reason: 'no need' });
      return id;
    };
    const [cancels, ...batches] = await Promise.all([
      Promise.allSettled(range(40).map(cancel)),
      ...range(10).map((worker) => claim(storage, START, 2, `w${worker}`)),
    ]);
    const cancelled: number[] = [];
    for (const outcome of cancels)
      if (outcome.status === 'fulfilled') cancelled.push(outcome.value);
      else portFailure('concurrency')(outcome.reason);
    const claimed = idsOf(batches.flat());
    assert.deepEqual(rising([...cancelled, ...claimed]), range(40));
    assert.deepEqual(idsOf(await promises.find({ statuses: ['in_progress'], limit: 100 })), rising(claimed));
  },

  'promises added by a unit of work that rejects are never claimed': async (storage) => {
    const rejected = storage.unitOfWork.run(async ({ promises }) => {
      await promises.add([build(1)]);
      throw new RangeError('no');
    });
    const [, ...batches] = await Promise.all([assert.rejects(rejected, RangeError), ...range(10).map(() => claim(storage))]);
    assert.deepEqual([...batches.flat(), ...(await claim(storage))], []);
  },
};

const claimShares = ({ queue }: Storage, request: Partial<ClaimRequest>) =>
  queue.claim({ workerId: 'w1', now: START, leaseMs: LEASE_MS, limit: 100, ...request });

/** The law of `PromiseQueue`: shares. */
const shares: Contract<Storage> = {
  'a tenant with a thousand promises holds up nobody, and has no more in progress than it may': async (storage) => {
    const { promises } = storage.stores;
    const busy = range(1_000).map((id) => build(id, { tenant: 'busy', priority: 1 + (id % 3) }));
    await addInTurn(storage, busy.slice(0, 12));
    await promises.add(busy.slice(12));
    await promises.add([build(1_001, { tenant: 'late', priority: 9 }), build(1_002, { tenant: 'later', priority: 10 })]);
    const first = await claimShares(storage, { limit: 5, perTenant: 3 });
    assert.deepEqual(idsOf(first), [3, 6, 9, 1_001, 1_002]);
    assert.deepEqual(await claimShares(storage, { limit: 5, perTenant: 3 }), []);
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 5, perTenant: 4 })), [12]);
  },

  'tenants without a place hold up nobody, whatever the type of what they have in progress': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(4).map((id) => build(id, { tenant: id % 2 === 0 ? 'busy' : 'as busy', taskType: 'code' })));
    assert.equal((await claimShares(storage, { perTenant: 2 })).length, 4);
    await promises.add(range(10).map((n) => build(10 + n, { tenant: n > 5 ? 'busy' : 'as busy', dueAt: START - 9 })));
    await promises.add([build(30, { tenant: 'late' })]);
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 2, perTenant: 2 })), [30]);
    assert.deepEqual(await claimShares(storage, { limit: 2, perTenant: 2 }), []);
  },

  'what was made first and is due later holds up nobody where its tenant has no place': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(2).map((id) => build(id, { tenant: 'busy', taskType: 'code' })));
    assert.equal((await claimShares(storage, { perTenant: 2 })).length, 2);
    await promises.add([build(3, { tenant: 'busy' })]);
    await promises.add([build(4, { tenant: 'late', dueAt: START - 9 })]);
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 1, perTenant: 2 })), [4]);
    assert.deepEqual(await claimShares(storage, { limit: 1, perTenant: 2 }), []);
  },

  'the places of a tenant go to the most urgent of its promises': async (storage) => {
    await storage.stores.promises.add(range(9).map((id) => build(id, { tenant: 'busy', priority: 10 - id })));
    assert.deepEqual(idsOf(await claimShares(storage, { limit: 4, perTenant: 2 })), [9, 8]);
    assert.deepEqual(idsOf(await claimShares(storage, { perTenant: 4 })), [7, 6]);
  },

  'a promise that ends, by whatever way, leaves its place to the next of its tenant': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(9).map((id) => build(id, { tenant: 'busy' })));
    const [done, handedBack, cancelled] = (await claimShares(storage, { perTenant: 3 })) as [AgentPromise, AgentPromise, AgentPromise];
    await carryOut(promises, done.id, { type: 'complete', at: START, workerId: 'w1', attempt: 1, result: 'done' });
    assert.deepEqual(idsOf(await claimShares(storage, { perTenant: 3 })), [4]);
    await carryOut(promises, cancelled.id, { type: 'cancel', at: START, reason: 'no need' });
    assert.deepEqual(idsOf(await claimShares(storage, { perTenant: 3 })), [5]);
    await carryOut(promises, handedBack.id, { type: 'hand-back', at: START, workerId: 'w1', attempt: 1 });
    assert.equal((await claimShares(storage, { perTenant: 3 })).length, 1);
  },

  'a lease that has run out keeps its place: its takeover takes no other, and nobody else takes that': async (storage) => {
    const queued = range(9).map((n) => build(10 + n, { priority: n === 1 ? 1 : 9 }));
    await storage.stores.promises.add([...range(3).map((id) => running(id, START - LEASE_MS, 'dead')), ...queued]);
    assert.deepEqual(rising(idsOf(await claimShares(storage, { perTenant: 3 }))), [1, 2, 3]);
    assert.deepEqual(await claimShares(storage, { perTenant: 3 }), []);
    const later = START + LEASE_MS;
    assert.deepEqual(rising(idsOf(await claimShares(storage, { perTenant: 5, now: later }))), [1, 2, 3, 11, 12]);
  },

  'a type without room holds up no other, and no type gets more than its room': async (storage) => {
    await storage.stores.promises.add([
      ...range(200).map((id) => build(id, { taskType: 'code', priority: 1 })),
      ...range(20).map((n) => build(200 + n, { taskType: 'search', priority: 5 })),
      ...range(20).map((n) => build(220 + n, { taskType: 'analysis', priority: 9 })),
    ]);
    assert.deepEqual(rising(idsOf(await claimShares(storage, { limit: 6, room: { code: 0, search: 4 } }))), [201, 202, 203, 204, 221, 222]);
    assert.deepEqual(await claimShares(storage, { limit: 6, room: { code: 0, search: 0, analysis: 0 } }), []);
    const two = { code: 2, search: 2, analysis: 1 };
    assert.deepEqual(rising(idsOf(await claimShares(storage, { limit: 6, room: two }))), [1, 2, 205, 206, 223]);
    assert.deepEqual(rising(idsOf(await claimShares(storage, { limit: 6, room: { code: 1, analysis: 0 } }))), [3, 207, 208, 209, 210, 211]);
  },

  'room is kept to for leases that have run out, too': async (storage) => {
    await storage.stores.promises.add(range(4).map((id) => running(id, START - LEASE_MS, 'dead')));
    assert.equal((await claimShares(storage, { room: { analysis: 3 } })).length, 3);
    assert.deepEqual(await claimShares(storage, { room: { analysis: 0 } }), []);
  },

  'shares of tenants and room of types are kept to together': async (storage) => {
    const kinds = ['code', 'search'] as const;
    await storage.stores.promises.add(
      range(120).map((id) => build(id, { tenant: `t${id % 3}`, taskType: kinds[id % 2] ?? 'code', priority: 1 + (id % 10) })),
    );
    const all: AgentPromise[] = [];
    for (let round = 0; round < 20 && all.length < 12; round++) {
      const claimed = await claimShares(storage, { limit: 12, perTenant: 4, room: { code: 2 } });
      assert.ok(claimed.filter(({ taskType }) => taskType === 'code').length <= 2);
      all.push(...claimed);
    }
    for (const tenant of ['t0', 't1', 't2']) assert.equal(all.filter((promise) => promise.tenant === tenant).length, 4);
    assert.deepEqual(await claimShares(storage, { perTenant: 4 }), []);
  },

  'workers that claim in parallel keep no tenant above its limit, and let none starve': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(300).map((id) => build(id, { tenant: `t${Math.floor((id - 1) / 100)}` })));
    await Promise.all(range(30).map((worker) => claimShares(storage, { workerId: `w${worker % 2}`, limit: 3, perTenant: 5 })));
    const inProgress = () => promises.find({ statuses: ['in_progress'], limit: 1_000 });
    const ofEach = async () => Object.values(Object.groupBy(await inProgress(), ({ tenant }) => tenant)).map((its) => its?.length ?? 0);
    for (const count of await ofEach()) assert.ok(count <= 5, `${count} of one tenant are in progress`);
    // A claim that met another may have brought less than there was.
    for (let round = 0; round < 20 && (await inProgress()).length < 15; round++) await claimShares(storage, { limit: 3, perTenant: 5 });
    assert.deepEqual(await ofEach(), [5, 5, 5]);
    assert.deepEqual(await claimShares(storage, { perTenant: 5 }), []);
  },
};

/** The law of `PromiseQueue`: leases. */
const leases: Contract<Storage> = {
  'a heartbeat extends the leases still held, and names them; nothing else changes': async (storage) => {
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

  'a heartbeat is no change of version': async (storage) => {
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

  'a heartbeat leaves out what another worker took, what settled and what was given back': async (storage) => {
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
    assert.deepEqual(rising(await storage.queue.held('w2', ids(1, 2, 3, 4))), [1, 3]);
  },

  'a late heartbeat keeps a lease that nobody took, as `transition` lets its worker complete it': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    await claim(storage);
    const late = START + 2 * LEASE_MS;
    assert.deepEqual(await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1), now: late, leaseMs: LEASE_MS }), ids(1));
    assert.deepEqual(await claim(storage, late, 1, 'w2'), []);
  },

  'a heartbeat of an earlier time shortens no lease': async (storage) => {
    await storage.stores.promises.add([build(1)]);
    await claim(storage);
    const earlier = START - 10_000;
    assert.deepEqual(await storage.queue.heartbeat({ workerId: 'w1', ids: ids(1), now: earlier, leaseMs: LEASE_MS }), ids(1));
    assert.deepEqual(await claim(storage, START + LEASE_MS - 1, 1, 'w2'), []);
    assert.deepEqual(idsOf(await claim(storage, START + LEASE_MS, 1, 'w2')), [1]);
  },

  'a heartbeat and takeovers in parallel: one worker holds it at the end, and it knows': async (storage) => {
    await storage.stores.promises.add(range(20).map((id) => build(id)));
    await claim(storage, START, 20, 'w1');
    const now = START + LEASE_MS;
    const all = ids(...range(20));
    const [batch, beat] = await Promise.all([
      claim(storage, now, 10, 'w2'),
      storage.queue.heartbeat({ workerId: 'w1', ids: all, now, leaseMs: LEASE_MS }),
    ]);
    assert.deepEqual(rising([...idsOf(batch), ...beat]), range(20));
    assert.deepEqual(rising(await storage.queue.held('w1', all)), rising(beat));
    assert.deepEqual(rising(await storage.queue.held('w2', all)), rising(idsOf(batch)));
  },

  'the leases of dead workers end at once, nobody else’s do, and nothing else changes': async (storage) => {
    const { queue, stores } = storage;
    await stores.promises.add([build(1), build(2), build(3), build(4, { dueAt: START + 5 })]);
    await claim(storage, START, 1, 'w1');
    await claim(storage, START, 1, 'w2');
    const before = await claim(storage, START, 1, 'w3');
    assert.deepEqual((await queue.holders()).toSorted(), ['w1', 'w2', 'w3']);
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

  'what settles over its worker’s head keeps that lease, which takes no place, and can’t be extended, until its worker is known to be dead':
    async (storage) => {
      const { queue, stores } = storage;
      await stores.promises.add([build(1), build(2, { deadline: START + 5 }), build(3)]);
      const [cancelled, expired] = (await claim(storage, START, 2)) as [AgentPromise, AgentPromise];
      await carryOut(stores.promises, cancelled.id, { type: 'cancel', at: START + 5, reason: 'no need' });
      await carryOut(stores.promises, expired.id, { type: 'expire', at: START + 5 });
      const settled = await stores.promises.getMany(ids(1, 2));
      for (const promise of settled) assert.deepEqual('lease' in promise && promise.lease, { workerId: 'w1', expiresAt: START + LEASE_MS });
      assert.deepEqual(await queue.holders(), ['w1']);
      assert.deepEqual(await queue.held('w1', ids(1, 2)), []);
      assert.deepEqual(await queue.heartbeat({ workerId: 'w1', ids: ids(1, 2), now: START + 9, leaseMs: LEASE_MS }), []);
      await queue.endLeases(['w2'], START + 9);
      assert.equal(await queue.nextDueAt(), START);
      assert.deepEqual(idsOf(await claimShares(storage, { workerId: 'w2', now: START + LEASE_MS, perTenant: 1 })), [3]);
      assert.deepEqual(await stores.promises.getMany(ids(1, 2)), settled);
      await queue.endLeases(['w1'], START + 9);
      assert.deepEqual(await queue.holders(), ['w2']);
      const free = settled.map((promise) => ({ ...promise, lease: undefined }));
      assert.deepEqual(await stores.promises.getMany(ids(1, 2)), JSON.parse(JSON.stringify(free)));
      for (const promise of await stores.promises.getMany(ids(1, 2)))
        await carryOut(stores.promises, promise.id, { type: 'retry', at: START + 9 });
      assert.deepEqual(idsOf(await claim(storage, START + 9, 9, 'w2')), [1, 2]);
    },

  'a worker lets go of what settled over its head, and of nothing else; that is no change of version': async (storage) => {
    const { queue, stores } = storage;
    await stores.promises.add(range(6).map((id) => build(id)));
    const claimed = [...(await claim(storage, START, 4, 'w1')), ...(await claim(storage, START, 1, 'w2'))];
    const [first, second, third, , fifth] = claimed as [AgentPromise, AgentPromise, AgentPromise, AgentPromise, AgentPromise];
    for (const promise of [first, second, fifth])
      await carryOut(stores.promises, promise.id, { type: 'cancel', at: START + 5, reason: 'no need' });
    await carryOut(stores.promises, third.id, { type: 'complete', at: START + 5, workerId: 'w1', attempt: 1, result: 'done' });
    const before = await stores.promises.getMany(ids(...range(6)));
    await queue.letGo('w1', []);
    await queue.letGo('w1', [...runsOf(6, 5, 4, 3, 1, 99), { id: promiseId(2), attempts: 2 }]);
    assert.deepEqual(
      await stores.promises.getMany(ids(...range(6))),
      before.map((promise) => {
        if (promise.id !== 1 || promise.status !== 'cancelled') return promise;
        const { lease: _, ...free } = promise;
        return free;
      }),
    );
  },

  'workers let go of many at once, each in its own order': async (storage) => {
    const { queue, stores } = storage;
    await stores.promises.add(range(40).map((id) => build(id)));
    const claimed = await claim(storage, START, 40, 'w1');
    await stores.promises.update(
      claimed.map(({ id }) => id),
      (promise) => after(promise, { type: 'cancel', at: START + 5, reason: 'no need' }),
    );
    const orders = [idsOf(claimed), idsOf(claimed).toReversed(), idsOf(claimed).toSorted((a, b) => (a % 7) - (b % 7))];
    await Promise.all(range(12).map((n) => queue.letGo('w1', runsOf(...(orders[n % 3] ?? [])))));
    for (const promise of await stores.promises.getMany(ids(...range(40)))) assert.equal('lease' in promise, false);
  },

  '`held` names what this worker holds, and changes nothing': async (storage) => {
    const { promises } = storage.stores;
    await promises.add(range(3).map((id) => build(id)));
    await claim(storage, START, 2, 'w1');
    const before = await promises.getMany(ids(1, 2, 3));
    assert.deepEqual(rising(await storage.queue.held('w1', ids(1, 2, 3, 99))), [1, 2]);
    assert.deepEqual(await storage.queue.held('w1', ids(2)), ids(2));
    assert.deepEqual(await storage.queue.held('w2', ids(1, 2, 3)), []);
    assert.deepEqual(await storage.queue.held('w1', []), []);
    assert.deepEqual(await promises.getMany(ids(1, 2, 3)), before);
  },

  'a lease ends by the clock of the caller who reads it, outside of units of work and inside': async ({ queue, stores, unitOfWork }) => {
    await stores.promises.add([build(1)]);
    await queue.claim({ workerId: 'w1', now: START, leaseMs: LEASE_MS, limit: 1 });
    const endOf = ([stored]: readonly AgentPromise[]) => stored?.status === 'in_progress' && stored.lease.expiresAt;
    assert.equal(endOf(await stores.promises.getMany(ids(1))), START + LEASE_MS);
    assert.equal(endOf(await unitOfWork.run(({ promises }) => promises.update(ids(1), () => undefined))), START + LEASE_MS);
  },

  'the next due time is the earliest of due times and ends of leases': async (storage) => {
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

  'ten workers drain 200 promises, each completed once, though one in ten is first taken by a worker that dies': async (storage) => {
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

/** The law of `PromiseQueue`. */
export const promiseQueueContract: Contract<Storage> = { ...claims, ...shares, ...leases };
