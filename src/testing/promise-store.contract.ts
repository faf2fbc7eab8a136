import { strict as assert } from 'node:assert';
import { type AgentPromise, PROMISE_STATUSES, type PromiseCommand, type PromiseId, type PromiseSpec, promiseId } from '../domain/index.ts';
import type { PromiseQueries, PromiseStore, Storage, Stores } from '../ports/index.ts';
import { promiseAfter as after, buildOutboxDraft, buildPromise, carryOut, START, undelivered } from './builders.ts';
import type { Contract } from './contract.ts';
import { telegramChat, telegramMessage, telegramUser } from './ids.ts';
import { countWinners, portFailure } from './port-failure.ts';
import { wider } from './wider.ts';

const error = { code: 'tool/failed', message: 'the search failed' };
const start: PromiseCommand = { type: 'start', at: START + 1, workerId: 'w1', leaseMs: 30_000 };
const complete: PromiseCommand = { type: 'complete', at: START + 2, workerId: 'w1', attempt: 1, result: 'Platform 4 🚂' };
const fail: PromiseCommand = { type: 'fail', at: START + 2, workerId: 'w1', attempt: 1, error, retryable: false, jitter: 0 };
const cancel: PromiseCommand = { type: 'cancel', at: START + 3, reason: 'cancelled by Ada' };

const build = (id: number, terms: Partial<PromiseSpec> & { dueAt?: number } = {}) => buildPromise({ id: promiseId(id), ...terms });

/** One promise in each state, numbered from 1. */
const everyState = (): AgentPromise[] => [
  build(1),
  build(2, { dependsOn: [promiseId(1)] }),
  after(build(3), start, { ...fail, retryable: true }),
  after(build(4), start, { ...fail, retryable: true }, { ...start, at: START + 90_000 }),
  after(build(5), start, complete),
  after(build(6), start, fail),
  after(build(7), cancel),
];
const idsOf = (promises: readonly AgentPromise[]) => promises.map(({ id }) => Number(id));
const read = async (promises: PromiseStore, id: PromiseId): Promise<AgentPromise> => {
  const promise = await promises.get(id);
  assert.ok(promise, `promise #${id} is stored`);
  return promise;
};

/** The law of `PromiseStore`. */
export const promiseStoreContract: Contract<Storage> = {
  'counts the promises of a chat that have not settled': async ({ stores: { promises } }) => {
    assert.equal(await promises.countOpen(telegramChat(501)), 0);
    await promises.add([...everyState(), build(8, { chatId: telegramChat(502) })]);
    assert.equal(await promises.countOpen(telegramChat(501)), 4);
    assert.equal(await promises.countOpen(telegramChat(502)), 1);
  },

  'reserved numbers rise and are never handed out twice, even in parallel': async ({ stores: { promises } }) => {
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

  'a promise in any state comes back as it was added': async ({ stores: { promises } }) => {
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
    const added = [...everyState(), unasked, rich, ...cutShort];
    await promises.add(added);
    assert.deepEqual(await promises.getMany(added.map(({ id }) => id)), added);
    for (const promise of added) assert.deepEqual(await promises.get(promise.id), promise);
  },

  'what is stored of the retry policy is that policy, and so of each part: nothing that its object holds beside': async ({
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

  'an unknown promise is undefined': async ({ stores: { promises } }) => {
    assert.equal(await promises.get(promiseId(99)), undefined);
    assert.equal(await promises.findByKey(telegramChat(501), 'none'), undefined);
  },

  'getMany gives those that exist, in the order of their ids': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2), build(11)]);
    assert.deepEqual(idsOf(await promises.getMany([11, 5, 1, 2].map(promiseId))), [1, 2, 11]);
    assert.deepEqual(await promises.getMany([]), []);
  },

  'adding is all or none: an id that is taken refuses them all as concurrency': async ({ stores: { promises } }) => {
    await promises.add([build(2)]);
    await assert.rejects(promises.add([build(1), build(2, { description: 'other' }), build(3)]), portFailure('concurrency'));
    assert.deepEqual(await promises.find({ limit: 10 }), [build(2)]);
  },

  'an idempotency key is used once in a chat': async ({ stores: { promises } }) => {
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

  'an idempotency key stays used after its promise has settled': async ({ stores: { promises } }) => {
    await promises.add([after(build(1, { idempotencyKey: 'k' }), cancel)]);
    await assert.rejects(promises.add([build(2, { idempotencyKey: 'k' })]), portFailure('concurrency'));
  },

  'one of 20 parallel adds with one key wins': async ({ stores: { promises } }) => {
    const adds = Array.from({ length: 20 }, (_, i) => promises.add([build(i + 1, { idempotencyKey: 'k' })]));
    assert.equal(await countWinners(adds), 1);
    assert.equal((await promises.find({ limit: 100 })).length, 1);
  },

  'an update stores the whole new state, raises the version by one and resolves to what is stored': async ({ stores: { promises } }) => {
    const [, waiting, retried] = everyState() as [AgentPromise, AgentPromise, AgentPromise];
    await promises.add([build(1), waiting, retried]);
    const walk = async (id: number, ...commands: PromiseCommand[]) => {
      for (const command of commands) {
        const before = await read(promises, promiseId(id));
        const next = after(before, command);
        const saved = { ...next, version: before.version + 1 };
        assert.deepEqual(await carryOut(promises, next.id, command), [saved]);
        assert.deepEqual(await promises.get(next.id), saved);
      }
    };
    await walk(
      2,
      { type: 'release', at: START + 9 },
      { type: 'cancel', at: START + 10, reason: 'no need' },
      { type: 'retry', at: START + 11 },
    );
    await walk(3, { ...start, at: START + 90_000 }, { ...complete, attempt: 2 });
    await walk(
      1,
      start,
      { ...fail, retryable: true },
      { ...start, at: START + 90_000 },
      { ...fail, attempt: 2 },
      { type: 'retry', at: START },
    );
    await walk(1, start, { type: 'hand-back', at: START + 5, workerId: 'w1', attempt: 3 });
  },

  'an update is made of what is stored: of those that exist, each once, in the order of their ids': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2), build(11)]);
    await carryOut(promises, promiseId(1), start);
    const started = await read(promises, promiseId(1));
    const asked: AgentPromise[] = [];
    const unchanged = await promises.update([11, 5, 1, 1].map(promiseId), (stored) => {
      asked.push(stored);
      return undefined;
    });
    assert.deepEqual(asked, [started, build(11)]);
    assert.deepEqual(unchanged, [started, build(11)]);
    assert.deepEqual(await promises.getMany([1, 2, 11].map(promiseId)), [started, build(2), build(11)]);
    assert.equal(await promises.get(promiseId(5)), undefined);
    assert.deepEqual(await promises.update([], () => assert.fail('there is none')), []);
  },

  'an update stores the state alone, whatever terms and version the new state has': async ({ stores: { promises } }) => {
    await promises.add([build(1, { deadline: START + 90_000, idempotencyKey: 'k' })]);
    const { messageId: _, ...other } = after(build(2, { chatId: telegramChat(502), description: 'other', priority: 1 }), cancel);
    const cancelled = after(build(1, { idempotencyKey: 'k' }), cancel);
    const saved = { ...cancelled, version: 1 };
    assert.deepEqual(await promises.update([promiseId(1)], () => ({ ...other, version: 5 })), [saved]);
    assert.deepEqual(await promises.get(promiseId(1)), saved);
    assert.equal(await promises.get(promiseId(2)), undefined);
  },

  'of 30 parallel updates each is made of what the one before has stored': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2)]);
    const updates = Array.from({ length: 30 }, (_, i) =>
      promises.update([1, 2].map(promiseId), (stored) => {
        if (stored.status !== 'pending') return undefined;
        return stored.id === 1 ? after(stored, { ...cancel, reason: `by ${i}` }) : { ...stored, dueAt: stored.dueAt + 1 };
      }),
    );
    const cancelled = (await Promise.all(updates)).map(([first]) => first);
    assert.ok(cancelled[0]?.status === 'cancelled');
    for (const promise of cancelled) assert.deepEqual(promise, cancelled[0]);
    assert.equal((await read(promises, promiseId(1))).version, 1);
    assert.deepEqual(await promises.get(promiseId(2)), { ...build(2), dueAt: START + 30, version: 30 });
  },

  'find filters by status, chat and message, in either order, up to the limit': async ({ stores: { promises } }) => {
    await promises.add(everyState());
    await promises.add([build(8, { chatId: telegramChat(502) }), build(9, { messageId: telegramMessage(2), createdAt: START + 1 })]);
    const found = async (filter: Omit<Parameters<PromiseQueries['find']>[0], 'limit'>, limit = 100) =>
      idsOf(await promises.find({ ...filter, limit }));
    assert.deepEqual(await found({}), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(await found({ newestFirst: true }, 3), [9, 8, 7]);
    assert.deepEqual(await found({}, 2), [1, 2]);
    assert.deepEqual(await found({ statuses: ['pending'] }), [1, 3, 8, 9]);
    assert.deepEqual(await found({ statuses: ['completed', 'cancelled'] }), [5, 7]);
    assert.deepEqual(await found({ statuses: ['completed', 'pending'], newestFirst: true }, 3), [9, 8, 5]);
    assert.deepEqual(
      await found({ statuses: ['completed', 'pending'], chatId: telegramChat(501), messageId: telegramMessage(1) }),
      [1, 3, 5],
    );
    assert.deepEqual(await found({ statuses: [] }), []);
    assert.deepEqual(await found({ statuses: [`x' OR '1' = '1` as never] }), []);
    assert.deepEqual(await found({ chatId: telegramChat(502) }), [8]);
    assert.deepEqual(await found({ messageId: telegramMessage(2) }), [9]);
    assert.deepEqual(
      await found({ chatId: telegramChat(501), statuses: ['pending'], messageId: telegramMessage(1), newestFirst: true }),
      [3, 1],
    );
    assert.deepEqual(await found({ chatId: telegramChat(999) }), []);
  },

  'promises that wait on a parent are found while they wait': async ({ stores: { promises } }) => {
    await promises.add([build(1), build(2), build(11)]);
    const dependsOn = (...ids: number[]) => ({ dependsOn: ids.map(promiseId) });
    await promises.add([build(3, dependsOn(1)), build(4, dependsOn(2, 1)), build(5, dependsOn(2)), build(6, dependsOn(11))]);
    assert.deepEqual(idsOf(await promises.waitingOn([promiseId(1)])), [3, 4]);
    await carryOut(promises, build(3, dependsOn(1)).id, { type: 'release', at: START });
    assert.deepEqual(await promises.waitingOn([promiseId(1)]), [build(4, dependsOn(2, 1))]);
    assert.deepEqual(await promises.waitingOn([promiseId(3)]), []);
    assert.deepEqual(await promises.waitingOn([]), []);
    assert.deepEqual(idsOf(await promises.waitingOn([1, 2, 11].map(promiseId))), [4, 5, 6]);
  },

  'a settled promise is undelivered until it is marked as delivered': async ({ stores: { promises } }) => {
    await promises.add(everyState());
    assert.deepEqual(idsOf(await undelivered(promises, 10)), [7, 6, 5]);
    assert.deepEqual(idsOf(await undelivered(promises, 2)), [7, 6]);
    const before = await read(promises, promiseId(6));
    await promises.markDelivered(promiseId(6), START + 60);
    assert.deepEqual(await promises.get(promiseId(6)), { ...before, deliveredAt: START + 60 });
    assert.deepEqual(idsOf(await undelivered(promises, 10)), [7, 5]);
  },

  'marking as delivered is no change of version': async ({ stores: { promises } }) => {
    const failed = after(build(1), start, fail);
    await promises.add([failed]);
    await promises.markDelivered(promiseId(1), START + 60);
    await carryOut(promises, failed.id, { type: 'retry', at: START + 70 });
    assert.equal((await read(promises, promiseId(1))).version, 1);
  },

  'only a settled promise can be marked as delivered': async ({ stores: { promises } }) => {
    await promises.add(everyState());
    const unsettled = [1, 2, 3, 4].map(promiseId);
    const before = await promises.getMany(unsettled);
    await Promise.allSettled(unsettled.map((id) => promises.markDelivered(id, START + 60)));
    assert.deepEqual(await promises.getMany(unsettled), before);
  },

  'a promise that is retried has its next outcome to deliver': async ({ stores: { promises } }) => {
    const failed = after(build(1), start, fail);
    await promises.add([failed]);
    await promises.markDelivered(promiseId(1), START + 60);
    await carryOut(promises, promiseId(1), { type: 'retry', at: START + 70 });
    await carryOut(promises, promiseId(1), cancel);
    assert.deepEqual(idsOf(await undelivered(promises, 10)), [1]);
    assert.equal('deliveredAt' in (await read(promises, promiseId(1))), false);
  },

  'an outcome is lost once the outbox has given it up, until it is on its way again or there': async ({ stores: { promises, outbox } }) => {
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

  'a purge takes promises that settled long ago and were delivered, with their outbox items, those first that settled first': async ({
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

  'a purge leaves a promise that an unsettled one depends on, and goes with its unit of work': async ({ stores, unitOfWork }) => {
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

  'promises are counted by status, with 0 where there is none': async ({ stores: { promises } }) => {
    const none = Object.fromEntries(PROMISE_STATUSES.map((status) => [status, 0]));
    assert.deepEqual(await promises.stats(), none);
    await promises.add(everyState());
    assert.deepEqual(await promises.stats(), { waiting: 1, pending: 2, in_progress: 1, completed: 1, failed: 1, cancelled: 1 });
  },

  'what the caller changes afterwards is not what is stored': async ({ stores: { promises } }) => {
    const made = () => build(1, { metadata: { scope: { directory: '/srv/a' } } });
    const promise = made();
    await promises.add([promise]);
    Reflect.set(promise.metadata.scope as object, 'directory', '/');
    Reflect.set((await read(promises, promiseId(1))).metadata.scope as object, 'directory', '/etc');
    assert.deepEqual(await promises.get(promiseId(1)), made());
  },

  'many are updated together; none of them where the change of one throws, even in a unit of work that goes on': async ({
    stores: { promises },
    unitOfWork,
  }) => {
    const all = [1, 2, 3].map(promiseId);
    await promises.add(all.map((id) => build(id)));
    await carryOut(promises, promiseId(2), cancel);
    const cancelAll = (stores: Pick<Stores, 'promises'>) => stores.promises.update(all, (stored) => after(stored, cancel));
    await assert.rejects(cancelAll({ promises }), /already/);
    await unitOfWork.run(async (unit) => {
      await assert.rejects(cancelAll(unit), /already/);
    });
    assert.deepEqual(idsOf(await promises.find({ limit: 9, statuses: ['pending'] })), [1, 3]);
    const saved = [1, 3].map((id) => ({ ...after(build(id), cancel), version: 1 }));
    assert.deepEqual(await promises.update([1, 3].map(promiseId), (stored) => after(stored, cancel)), saved);
    assert.deepEqual(await promises.getMany([1, 3].map(promiseId)), saved);
  },

  'in a unit of work each update is made of the one before': async ({ stores: { promises }, unitOfWork }) => {
    await promises.add([build(1), build(2), build(3)]);
    const saved = await unitOfWork.run(async (unit) => {
      await unit.promises.update([promiseId(1), promiseId(3)], () => undefined);
      await unit.promises.update([promiseId(1), promiseId(2)], (stored) => after(stored, start));
      await carryOut(unit.promises, promiseId(3), start);
      return unit.promises.update([1, 2, 3].map(promiseId), (stored) => after(stored, cancel));
    });
    assert.deepEqual(
      saved,
      [1, 2, 3].map((id) => ({ ...after(build(id), start, cancel), version: 2 })),
    );
    assert.deepEqual(await promises.find({ limit: 9 }), saved);
  },

  'what a unit of work has updated, or has looked at to update it, nobody else changes until it ends': async ({
    stores: { promises },
    unitOfWork,
  }) => {
    await promises.add([build(1), build(2)]);
    const isLocked = Promise.withResolvers<void>();
    const others = isLocked.promise.then(() =>
      Promise.all([1, 2].map((id) => promises.update([promiseId(id)], (stored) => after(stored, { type: 'retry', at: START + 9 })))),
    );
    await unitOfWork.run(async (unit) => {
      await unit.promises.update([promiseId(1), promiseId(2)], ({ id }) => (id === 1 ? after(build(1), cancel) : undefined));
      isLocked.resolve();
      for (let at = 0; at < 20; at++)
        assert.deepEqual(
          (await unit.promises.getMany([1, 2].map(promiseId))).map(({ version }) => version),
          [1, 0],
        );
      await carryOut(unit.promises, promiseId(2), cancel);
    });
    assert.deepEqual(
      (await others).flat().map(({ status, version }) => [status, version]),
      [
        ['pending', 2],
        ['pending', 2],
      ],
    );
  },

  'progress is told by the worker that holds the promise, and is no change of version': async ({ stores: { promises } }) => {
    const running = after(build(1), start);
    await promises.add([running, build(2)]);
    const progress = { text: 'half of it 🚂', at: START + 7 };
    assert.equal(await promises.noteProgress(running.id, 'w1', progress), true);
    assert.equal(await promises.noteProgress(running.id, 'w2', { ...progress, text: 'other' }), false);
    assert.equal(await promises.noteProgress(promiseId(2), 'w1', progress), false);
    assert.deepEqual(await promises.get(running.id), { ...running, progress });
    await carryOut(promises, running.id, complete);
    assert.deepEqual(await promises.get(running.id), { ...after(running, complete), version: 1 });
  },

  'those whose deadline has passed are found until they settle': async ({ stores: { promises } }) => {
    assert.equal(await promises.nextDeadline(), undefined);
    await promises.add([
      build(1, { deadline: START + 30 }),
      after(build(2, { deadline: START + 20 }), start),
      after(build(3, { deadline: START + 10 }), cancel),
      build(4, { deadline: START + 40, dependsOn: [promiseId(1)] }),
      build(5),
    ]);
    assert.equal(await promises.nextDeadline(), START + 20);
    assert.deepEqual(idsOf(await promises.overdue(START + 30, 9)), [2, 1]);
    assert.deepEqual(idsOf(await promises.overdue(START + 90, 2)), [2, 1]);
    const [missed] = await promises.overdue(START + 20, 9);
    await carryOut(promises, (missed as AgentPromise).id, { type: 'expire', at: START + 20 });
    assert.equal(await promises.nextDeadline(), START + 30);
  },

  'they are found by type and by tenant': async ({ stores: { promises } }) => {
    await promises.add([build(1, { taskType: 'code', tenant: 'psy' }), build(2, { tenant: 'psy' }), build(3)]);
    assert.deepEqual(idsOf(await promises.find({ taskTypes: ['code', 'search'], limit: 9 })), [1]);
    assert.deepEqual(idsOf(await promises.find({ tenant: 'psy', limit: 9 })), [1, 2]);
  },
};
